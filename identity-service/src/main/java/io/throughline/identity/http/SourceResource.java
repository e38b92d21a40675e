package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.source.WriteKey;
import io.throughline.identity.store.SourceStore;
import io.throughline.identity.store.SourceStore.Managed;
import io.throughline.identity.store.SourceStore.ManagedKey;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Sources and their write keys. A key is shown when it is made, and never again. */
@Path("/api/sources")
@RolesAllowed(Roles.ADMIN)
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Sources")
class SourceResource {

    private static final int MOST_IN_A_PAGE = 500;
    private static final int MOST_KEYS = 10;

    private final SourceStore sources;
    private final WriteKeys keys;
    private final InstantSource clock;
    private final RandomGenerator random;

    SourceResource(
            SourceStore sources, WriteKeys keys, InstantSource clock, RandomGenerator random) {
        this.sources = sources;
        this.keys = keys;
        this.clock = clock;
        this.random = random;
    }

    /**
     * A source.
     *
     * @param environmentKey whether the environment gives it a key besides, which cannot be rotated
     *     here
     */
    record SourceView(
            String name,
            @Nullable String description,
            Trust trust,
            boolean disabled,
            Instant createdAt,
            Instant changedAt,
            boolean environmentKey,
            List<KeyView> keys) {}

    /**
     * @param ending the last characters of the key
     * @param works whether somebody can send with it now
     */
    record KeyView(
            UUID id,
            String ending,
            boolean works,
            Instant createdAt,
            @Nullable Instant validUntil,
            @Nullable Instant revokedAt) {}

    /**
     * @param writeKey shown this once
     */
    record WithKey(SourceView source, String writeKey) {}

    @GET
    @Operation(summary = "List the sources by name")
    public Uni<Page<SourceView>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MOST_IN_A_PAGE) {
            throw Problem.badRequest("limit", "expected 1 to " + MOST_IN_A_PAGE + ", was " + limit);
        }
        String after = Cursor.decode(cursor);
        return sources.list(after == null ? "" : after, limit + 1)
                .map(found ->
                        Page.of(found.stream().map(this::view).toList(), limit, SourceView::name));
    }

    @POST
    @Operation(
            summary = "Add a source",
            description =
                    "Answers its write key, which is not shown again. What a source of trust claimed"
                            + " says of identifiers joins nobody until it is verified.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "a shop's site",
                                            value =
                                                    """
                                                    {"name":"web-shop","description":"shop.example","trust":"trusted"}\
                                                    """)))
    @APIResponse(responseCode = "201", description = "The source and its write key.")
    @APIResponse(responseCode = "409", description = "There is a source of this name.")
    public Uni<RestResponse<WithKey>> add(@Nullable SourceRequest request) {
        SourceRequest.New source = SourceRequest.checkedNew(request);
        WriteKey key = WriteKey.mint(random);
        return sources.add(
                        source.name(), source.description(), source.trust(), key, clock.instant())
                .call(keys::read)
                .map(added -> created(fresh(added, source.name()), key));
    }

    @GET
    @Path("{name}")
    @Operation(summary = "Read a source and what is kept of its keys")
    public Uni<SourceView> read(@PathParam("name") String name) {
        return sources.find(name).map(found -> view(known(found, name)));
    }

    @PATCH
    @Path("{name}")
    @Operation(
            summary = "Change a source",
            description = "What is absent stays. An empty description takes it away.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "trust it less",
                                            value = "{\"trust\":\"claimed\"}")))
    public Uni<SourceView> change(@PathParam("name") String name, @Nullable SourceRequest request) {
        return sources.change(name, SourceRequest.checkedChange(request), clock.instant())
                .call(keys::read)
                .map(changed -> view(known(changed, name)));
    }

    @DELETE
    @Path("{name}")
    @Operation(
            summary = "Revoke a source",
            description =
                    "Ends all of its keys, in this process at once and in all others within two"
                            + " seconds; what is sent with them is answered with 401. The source stays"
                            + " for the record, disabled.")
    @APIResponse(responseCode = "204", description = "Nobody can send for it any more.")
    public Uni<RestResponse<Void>> revoke(@PathParam("name") String name) {
        return sources.revoke(name, clock.instant())
                .call(keys::read)
                .map(revoked -> known(revoked, name))
                .map(revoked -> RestResponse.noContent());
    }

    @POST
    @Path("{name}/keys")
    @Operation(
            summary = "Rotate the write key",
            description =
                    "Answers a new key, which is not shown again. Keys that the source has go on for"
                            + " the grace, a day where none is given, ninety at most; PT0S ends them at"
                            + " once.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "a week to change over",
                                            value = "{\"grace\":\"P7D\"}")))
    @APIResponse(responseCode = "201", description = "The source and its new write key.")
    @APIResponse(responseCode = "409", description = "Ten of its keys still work.")
    public Uni<RestResponse<WithKey>> rotate(
            @PathParam("name") String name, @Nullable RotationRequest request) {
        Instant now = clock.instant();
        Instant endOfGrace = now.plus(RotationRequest.checkedGrace(request));
        WriteKey key = WriteKey.mint(random);
        return sources.find(name)
                .invoke(found -> checkRoom(known(found, name), now))
                .chain(() -> sources.rotate(name, key, endOfGrace, now))
                .call(keys::read)
                .map(rotated -> created(known(rotated, name), key));
    }

    @DELETE
    @Path("{name}/keys/{id}")
    @Operation(summary = "Revoke one key at once, in all processes within two seconds")
    @APIResponse(responseCode = "204", description = "Nobody can send with it any more.")
    public Uni<RestResponse<Void>> revokeKey(
            @PathParam("name") String name, @PathParam("id") UUID key) {
        return sources.revoke(name, key, clock.instant())
                .call(keys::read)
                .invoke(source -> checkHas(known(source, name), key))
                .map(revoked -> RestResponse.noContent());
    }

    private static void checkRoom(Managed source, Instant now) {
        if (source.keys().stream().filter(key -> key.works(now)).count() >= MOST_KEYS) {
            throw Problem.conflict(
                    MOST_KEYS + " keys of " + source.name() + " still work; revoke some first");
        }
    }

    private static void checkHas(Managed source, UUID key) {
        if (source.keys().stream().noneMatch(k -> k.id().equals(key))) {
            throw Problem.notFound(source.name() + " has no key " + key);
        }
    }

    private static Managed known(@Nullable Managed source, String name) {
        if (source == null) {
            throw Problem.notFound("there is no source " + name);
        }
        return source;
    }

    private static Managed fresh(@Nullable Managed added, String name) {
        if (added == null) {
            throw Problem.conflict(
                    "there is a source "
                            + name
                            + "; rotate its key, or enable it again if it is disabled");
        }
        return added;
    }

    private RestResponse<WithKey> created(Managed source, WriteKey key) {
        return RestResponse.ResponseBuilder.<WithKey>created(
                        URI.create("/api/sources/" + source.name()))
                .entity(new WithKey(view(source), key.text()))
                .header("Cache-Control", "no-store, private")
                .build();
    }

    private SourceView view(Managed source) {
        Instant now = clock.instant();
        return new SourceView(
                source.name(),
                source.description(),
                source.trust(),
                source.disabled(),
                source.createdAt(),
                source.changedAt(),
                keys.configuredSources().contains(source.name()),
                source.keys().stream()
                        .map(key -> view(key, !source.disabled() && key.works(now)))
                        .toList());
    }

    private static KeyView view(ManagedKey key, boolean works) {
        return new KeyView(
                key.id(), key.hint(), works, key.createdAt(), key.validUntil(), key.revokedAt());
    }
}
