package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.registry.SegmentChanges;
import io.throughline.identity.registry.SegmentChanges.Outcome;
import io.throughline.identity.segment.Segment;
import io.throughline.identity.store.MembershipStore;
import io.throughline.identity.store.MembershipStore.Membership;
import io.throughline.identity.store.SegmentStore;
import io.throughline.identity.store.SegmentStore.Described;
import io.throughline.identity.store.SegmentWorkStore;
import io.throughline.identity.store.SegmentWorkStore.Progress;
import io.throughline.identity.store.SegmentWorkStore.Sampled;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Segments. */
@Path("/api/segments")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Segments")
class SegmentResource {

    private static final String BY = "api";
    private static final int MAX_LIMIT = 500;

    /** Names of routes beside those of segments. */
    private static final List<String> KEPT = List.of("previews", "schema");

    private static final String SCHEMA = "/segment.schema.json";

    private static final String IN_CEL =
            """
            {"name":"Gold, buying","when":"customer.plan == 'gold' && count('Order Completed', 'P30D') >= 2"}\
            """;

    private static final String IN_JSON =
            """
            {"name":"Gold, buying",
             "condition":{"all":[
               {"trait":"plan","eq":"gold"},
               {"event":"Order Completed","within":"P30D","count":{"gte":2}}]}}\
            """;

    private final SegmentChanges changes;
    private final SegmentStore segments;
    private final MembershipStore memberships;
    private final SegmentWorkStore work;

    SegmentResource(
            SegmentChanges changes,
            SegmentStore segments,
            MembershipStore memberships,
            SegmentWorkStore work) {
        this.changes = changes;
        this.segments = segments;
        this.memberships = memberships;
        this.work = work;
    }

    /**
     * @param state {@code waiting}, {@code filling} or {@code filled}
     * @param customers so many have been looked at
     * @param total so many there were at the beginning
     */
    record FillView(
            String state,
            long customers,
            long total,
            Instant startedAt,
            @Nullable Instant finishedAt) {

        static @Nullable FillView of(@Nullable Progress fill) {
            return fill == null
                    ? null
                    : new FillView(
                            fill.finishedAt() != null
                                    ? "filled"
                                    : fill.customers() == 0 ? "waiting" : "filling",
                            fill.customers(),
                            fill.total(),
                            fill.createdAt(),
                            fill.finishedAt());
        }
    }

    /**
     * @param when the condition in CEL
     * @param condition the same in JSON, where it was written so
     * @param size how many customers are in it
     */
    record SegmentView(
            String key,
            int version,
            @Nullable String name,
            @Nullable String description,
            String when,
            @JsonRawValue @Nullable String condition,
            long size,
            @Nullable FillView fill,
            Instant createdAt,
            Instant changedAt,
            String changedBy) {

        static SegmentView of(Described segment, Map<String, Progress> fills) {
            return new SegmentView(
                    segment.key(),
                    segment.version(),
                    segment.name(),
                    segment.description(),
                    segment.condition(),
                    segment.document(),
                    Math.max(segment.size(), 0),
                    FillView.of(fills.get(segment.key())),
                    segment.createdAt(),
                    segment.changedAt(),
                    segment.changedBy());
        }
    }

    record MemberView(CustomerId customer, int version, Instant since) {}

    /**
     * @param customers so many have been looked at
     * @param count of so many of them it holds
     * @param sample some of them, each as likely as any other, and what each part of the condition
     *     comes to for them
     */
    record PreviewView(
            UUID id,
            String when,
            long customers,
            long total,
            long count,
            List<Sampled> sample,
            Instant startedAt,
            @Nullable Instant finishedAt) {

        static PreviewView of(Progress preview) {
            return new PreviewView(
                    preview.id(),
                    preview.condition(),
                    preview.customers(),
                    preview.total(),
                    preview.found(),
                    preview.sample(),
                    preview.createdAt(),
                    preview.finishedAt());
        }
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "List the segments, in the order of their keys")
    public Uni<Page<SegmentView>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        refuseLimit(limit);
        return segments.page(Cursor.decode(cursor), limit + 1)
                .map(found -> Page.of(found, limit, Described::key))
                .chain(page ->
                        work.fills(page.items().stream().map(Described::key).toList())
                                .map(fills ->
                                        new Page<>(
                                                page.items().stream()
                                                        .map(s -> SegmentView.of(s, fills))
                                                        .toList(),
                                                page.next())));
    }

    @GET
    @Path("schema")
    @PermitAll
    @Produces("application/schema+json")
    @Operation(summary = "The JSON Schema of a segment, for editors")
    public String schema() {
        try (InputStream schema = SegmentResource.class.getResourceAsStream(SCHEMA)) {
            return new String(
                    Objects.requireNonNull(schema, SCHEMA).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GET
    @Path("{key}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "Read a segment, its size and how far it is filled")
    public Uni<SegmentView> read(@PathParam("key") String key) {
        return view(key);
    }

    @PUT
    @Path("{key}")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Make a segment, or change it",
            description =
                    "Another condition makes another version. It is in force for what happens at once, and"
                            + " everybody else is looked at from then on; fill says how far that is.")
    @RequestBody(
            content =
                    @Content(
                            examples = {
                                @ExampleObject(name = "in CEL", value = IN_CEL),
                                @ExampleObject(name = "in JSON", value = IN_JSON)
                            }))
    @APIResponse(responseCode = "201", description = "Made.")
    @APIResponse(responseCode = "200", description = "Changed.")
    public Uni<RestResponse<SegmentView>> put(
            @PathParam("key") String text, @Nullable SegmentRequest request) {
        if (!Segment.isKey(text) || KEPT.contains(text)) {
            throw Problem.badRequest(
                    "key",
                    "expected up to 63 lower-case letters, digits and dashes, a letter or digit first, and neither of "
                            + KEPT);
        }
        SegmentRequest.Checked asked = SegmentRequest.checked(request);
        return changes.put(
                        new SegmentStore.Asked(
                                text,
                                request == null ? null : request.name(),
                                request == null ? null : request.description(),
                                asked.condition().text(),
                                asked.document()),
                        asked.condition(),
                        BY)
                .chain(outcome -> answer(text, field(asked), outcome));
    }

    @DELETE
    @Path("{key}")
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Remove a segment",
            description =
                    "Its members leave it, which is told of each in the background. Refused while other"
                            + " segments ask about it.")
    @APIResponse(responseCode = "204", description = "Removed.")
    @APIResponse(responseCode = "409", description = "Other segments ask about it.")
    public Uni<RestResponse<Void>> delete(@PathParam("key") String key) {
        return changes.delete(key(key), BY)
                .map(outcome ->
                        switch (outcome) {
                            case Outcome.Done done -> RestResponse.noContent();
                            case Outcome.Unknown unknown -> throw unknown(key);
                            case Outcome.Needed needed ->
                                    throw Problem.conflict(
                                            "other segments ask about it: "
                                                    + String.join(
                                                            ", ",
                                                            needed.by().stream()
                                                                    .sorted()
                                                                    .toList()));
                            case Outcome.Refused refused -> throw Problem.conflict(refused.why());
                        });
    }

    @GET
    @Path("{key}/customers")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "List who is in a segment and since when, the newest first")
    public Uni<Page<MemberView>> members(
            @PathParam("key") String key,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        refuseLimit(limit);
        MembershipStore.Position before = position(cursor);
        return view(key)
                .chain(segment -> memberships.in(segment.key(), before, limit + 1))
                .map(found -> Page.of(found, limit, last -> last.since() + "/" + last.customer()))
                .map(SegmentResource::members);
    }

    @POST
    @Path("previews")
    @Consumes(MediaType.APPLICATION_JSON)
    @RolesAllowed(Roles.MARKETER)
    @Operation(
            summary = "Find out of whom a condition holds",
            description =
                    "Looks at everybody and stores nothing but what it found: how many, and some of them with"
                            + " what each part of the condition comes to. The answer says where to ask how"
                            + " far it is.")
    @RequestBody(
            content =
                    @Content(
                            examples = {
                                @ExampleObject(name = "in CEL", value = IN_CEL),
                                @ExampleObject(name = "in JSON", value = IN_JSON)
                            }))
    @APIResponse(responseCode = "202", description = "Begun.")
    public Uni<RestResponse<PreviewView>> preview(@Nullable SegmentRequest request) {
        SegmentRequest.Checked asked = SegmentRequest.checked(request);
        return changes.preview(asked.condition())
                .chain(begun -> {
                    if (begun.refusal().isPresent()) {
                        throw Problem.unprocessable(field(asked), begun.refusal().get());
                    }
                    return work.preview(begun.id());
                })
                .map(Optional::orElseThrow)
                .map(progress ->
                        RestResponse.ResponseBuilder.<PreviewView>create(
                                        RestResponse.Status.ACCEPTED)
                                .entity(PreviewView.of(progress))
                                .location(URI.create("/api/segments/previews/" + progress.id()))
                                .build());
    }

    @GET
    @Path("previews/{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far a preview is, and what it found")
    public Uni<PreviewView> preview(@PathParam("id") UUID id) {
        return work.preview(id)
                .map(found ->
                        PreviewView.of(
                                found.orElseThrow(
                                        () -> Problem.notFound("there is no preview " + id))));
    }

    private Uni<RestResponse<SegmentView>> answer(String key, String field, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done(boolean fresh) ->
                    view(key)
                            .map(view ->
                                    RestResponse.ResponseBuilder.<SegmentView>create(
                                                    fresh
                                                            ? RestResponse.Status.CREATED
                                                            : RestResponse.Status.OK)
                                            .entity(view)
                                            .build());
            case Outcome.Refused(String why) -> throw Problem.unprocessable(field, why);
            case Outcome.Needed needed -> throw new IllegalStateException(needed.toString());
            case Outcome.Unknown unknown -> throw unknown(key);
        };
    }

    private Uni<SegmentView> view(String key) {
        return segments.one(key(key))
                .map(found -> found.orElseThrow(() -> unknown(key)))
                .chain(segment ->
                        work.fills(List.of(segment.key()))
                                .map(fills -> SegmentView.of(segment, fills)));
    }

    private static Page<MemberView> members(Page<Membership> page) {
        return new Page<>(
                page.items().stream()
                        .map(m -> new MemberView(m.customer(), m.version(), m.since()))
                        .toList(),
                page.next());
    }

    private static String field(SegmentRequest.Checked asked) {
        return asked.document() == null ? "when" : "condition";
    }

    /** What can be no key is the key of no segment. */
    private static String key(String text) {
        if (!Segment.isKey(text)) {
            throw unknown(text);
        }
        return text;
    }

    private static Problem unknown(String key) {
        return Problem.notFound("there is no segment " + key);
    }

    private static void refuseLimit(int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
    }

    private static MembershipStore.@Nullable Position position(@Nullable String cursor) {
        return Cursor.timed(
                cursor, (time, rest) -> new MembershipStore.Position(time, CustomerId.of(rest)));
    }
}
