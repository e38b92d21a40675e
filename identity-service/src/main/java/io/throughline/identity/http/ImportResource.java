package io.throughline.identity.http;

import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.identity.imports.CsvRows;
import io.throughline.identity.imports.ImportOptions;
import io.throughline.identity.imports.ImportOptions.Format;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.NdjsonRows;
import io.throughline.identity.registry.Importing;
import io.throughline.identity.registry.Importing.Begun;
import io.throughline.identity.store.ImportStore.Import;
import io.throughline.identity.store.ImportStore.State;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestMulti;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Customers, identifiers and consents from a file. */
@Path("/api/imports")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.MARKETER)
@Tag(name = "Imports")
class ImportResource {

    private static final int MAX_LIMIT = 500;
    private static final int MAX_PARTS = 100_000;
    private static final int REJECTED_AT_ONCE = 1_000;
    private static final String NDJSON = "application/x-ndjson";
    private static final String CSV = "text/csv";
    private static final Set<String> PARAMETERS =
            Set.of(
                    "name",
                    "source",
                    "dryRun",
                    "delimiter",
                    "region",
                    "at",
                    "consentAt",
                    "wording",
                    "legalBasis");

    private final Importing importing;
    private final Reading reading;

    /** What requests are read with. */
    @ApplicationScoped
    static class Reading {

        private final Naming naming;
        private final SecurityIdentity caller;
        private final InstantSource clock;

        Reading(Naming naming, SecurityIdentity caller, InstantSource clock) {
            this.naming = naming;
            this.caller = caller;
            this.clock = clock;
        }

        ImportRequest.Checked checked(@Nullable ImportRequest request) {
            return ImportRequest.checked(request, naming, clock.instant());
        }

        String caller() {
            return caller.getPrincipal().getName();
        }
    }

    ImportResource(Importing importing, Reading reading) {
        this.importing = importing;
        this.reading = reading;
    }

    /**
     * @param progress of the file's bytes, 0 to 1
     * @param rows read so far, rejected ones too
     * @param customersCreated that nobody knew; of a dry run as far as one portion of rows tells
     */
    record ImportView(
            UUID id,
            String name,
            State state,
            ImportOptions options,
            double progress,
            long bytes,
            long rows,
            long rejected,
            long customersCreated,
            long customersMerged,
            long consents,
            Instant createdAt,
            String createdBy,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {

        static ImportView of(Import of) {
            return new ImportView(
                    of.id(),
                    of.name(),
                    of.state(),
                    of.options(),
                    of.state() == State.FINISHED
                            ? 1
                            : of.bytes() == 0 ? 0 : (double) of.bytesDone() / of.bytes(),
                    of.bytes(),
                    of.rows(),
                    of.rejected(),
                    of.created(),
                    of.merged(),
                    of.consents(),
                    of.createdAt(),
                    of.createdBy(),
                    of.startedAt(),
                    of.finishedAt());
        }
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Announce a file",
            description =
                    "Then PUT its bytes in parts of at most 2 MB, cut anywhere, to …/parts/0, …/parts/1, …"
                            + " and POST …/start. A file of one part can be posted here itself, as"
                            + " text/csv or application/x-ndjson, with the same fields in the query.")
    @RequestBody(
            content =
                    @Content(
                            examples =
                                    @ExampleObject(
                                            name = "a CRM's export",
                                            value =
                                                    """
                                                    {"format":"csv","source":"crm","dryRun":true,"region":"ES",
                                                     "columns":{"E-mail":"email","Plan":"trait.plan","Notes":null},
                                                     "consentAt":"2026-01-01T00:00:00Z"}\
                                                    """)))
    @APIResponse(responseCode = "201", description = "It can be uploaded.")
    public Uni<RestResponse<ImportView>> announce(@Nullable ImportRequest request) {
        ImportRequest.Checked asked = reading.checked(request);
        return importing
                .open(asked.name(), asked.options(), reading.caller())
                .map(opened -> answer(RestResponse.Status.CREATED, opened));
    }

    @POST
    @Consumes({CSV, NDJSON})
    @Operation(summary = "Take a file of one part in")
    @RequestBody(
            content = {
                @Content(
                        mediaType = CSV,
                        examples =
                                @ExampleObject(
                                        name = "rows",
                                        value =
                                                """
                                                user_id,email,trait.plan,consent.email,consent_at
                                                4711,ana@example.com,gold,opted_in,2025-03-01
                                                4712,ben@example.com,,opted_out,
                                                """)),
                @Content(
                        mediaType = NDJSON,
                        examples =
                                @ExampleObject(
                                        name = "objects",
                                        value =
                                                """
                                                {"identifiers":{"user_id":"4711","email":"ana@example.com"},"traits":{"plan":"gold"}}
                                                {"identifiers":["email:ben@example.com"],"consents":[{"channel":"email","state":"opted_out"}]}
                                                """))
            })
    @APIResponse(responseCode = "202", description = "Begun.")
    @Parameter(
            name = "dryRun",
            in = ParameterIn.QUERY,
            description = "Reads and checks everything and keeps nothing.",
            schema = @Schema(type = SchemaType.BOOLEAN))
    public Uni<RestResponse<ImportView>> take(
            byte @Nullable [] body,
            @HeaderParam("Content-Type") String type,
            @QueryParam("name") @Nullable String name,
            @QueryParam("source") @Nullable String source,
            @QueryParam("delimiter") @Nullable String delimiter,
            @QueryParam("region") @Nullable String region,
            @QueryParam("at") @Nullable String at,
            @QueryParam("consentAt") @Nullable String consentAt,
            @QueryParam("wording") @Nullable String wording,
            @QueryParam("legalBasis") @Nullable String legalBasis,
            @Context UriInfo uri) {
        refuseUnknown(uri.getQueryParameters().keySet());
        Format format = type.startsWith(CSV) ? Format.CSV : Format.NDJSON;
        ImportRequest.Checked asked =
                reading.checked(
                        new ImportRequest(
                                name,
                                format.word(),
                                source,
                                bool("dryRun", uri.getQueryParameters().getFirst("dryRun")),
                                null,
                                delimiter,
                                region,
                                at,
                                consentAt,
                                wording,
                                legalBasis));
        byte[] file = body == null ? new byte[0] : body;
        return importing
                .open(asked.name(), asked.options(), reading.caller())
                .call(opened -> importing.put(opened.id(), 0, file))
                .chain(opened ->
                        begun(opened).onFailure().call(() -> importing.cancel(opened.id())));
    }

    @PUT
    @Path("{id}/parts/{number}")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            summary = "Upload a part",
            description = "In any order; one that is sent again replaces itself.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_OCTET_STREAM,
                            examples =
                                    @ExampleObject(
                                            name = "the first bytes of a file",
                                            value =
                                                    """
                                                    user_id,email,trait.plan
                                                    4711,ana@exam\
                                                    """)))
    public Uni<RestResponse<Void>> put(
            @PathParam("id") UUID id, @PathParam("number") int number, byte @Nullable [] body) {
        if (number < 0 || number >= MAX_PARTS) {
            throw Problem.badRequest("number", "expected 0 to " + (MAX_PARTS - 1));
        }
        if (body == null || body.length == 0) {
            throw Problem.badRequest("body", "expected a part of the file");
        }
        return find(id).chain(found -> importing.put(found.id(), number, body))
                .map(put -> {
                    if (!put) {
                        throw notUploading();
                    }
                    return RestResponse.noContent();
                });
    }

    @POST
    @Path("{id}/start")
    @Operation(
            summary = "Take the uploaded file in",
            description =
                    "The columns of a CSV file are checked first: 422 names those nobody knows.")
    @APIResponse(responseCode = "202", description = "Begun.")
    public Uni<RestResponse<ImportView>> start(@PathParam("id") UUID id) {
        return find(id).chain(this::begun);
    }

    @GET
    @Path("{id}")
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "How far an import is, and what came of it")
    public Uni<ImportView> get(@PathParam("id") UUID id) {
        return find(id).map(ImportView::of);
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "List the imports, newest first")
    public Uni<Page<ImportView>> list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problem.badRequest("limit", "expected 1 to " + MAX_LIMIT + ", was " + limit);
        }
        Position before = Cursor.timed(cursor, (at, id) -> new Position(UUID.fromString(id), at));
        return importing
                .page(
                        before == null ? null : before.id(),
                        before == null ? null : before.at(),
                        limit + 1)
                .map(found -> Page.of(found, limit, last -> last.createdAt() + "/" + last.id()))
                .map(page ->
                        new Page<>(
                                page.items().stream().map(ImportView::of).toList(), page.next()));
    }

    @DELETE
    @Path("{id}")
    @Operation(
            summary = "Stop an import",
            description = "What was taken in stays; the rest of the file is forgotten.")
    public Uni<RestResponse<Void>> cancel(@PathParam("id") UUID id) {
        return find(id).chain(found -> importing.cancel(found.id()))
                .replaceWith(RestResponse.noContent());
    }

    @GET
    @Path("{id}/rejected")
    @RolesAllowed(Roles.VIEWER)
    @Produces(MediaType.TEXT_PLAIN)
    @Operation(
            summary = "The rows that were not taken, with what is wrong with each",
            description =
                    "In the file's own format, with one column more, rejected_because; corrected, it can be"
                            + " imported as it is. Kept for seven days.")
    public RestMulti<String> rejected(@PathParam("id") UUID id) {
        return RestMulti.fromUniResponse(
                find(id),
                this::lines,
                found -> Map.of("Content-Type", List.of(contentType(found.options().format()))));
    }

    private static String contentType(Format format) {
        return switch (format) {
            case CSV -> CSV + ";charset=UTF-8";
            case NDJSON -> NDJSON;
        };
    }

    /** A mistyped one would do for real what was meant to be tried. */
    private static void refuseUnknown(Set<String> parameters) {
        for (String parameter : parameters) {
            if (!PARAMETERS.contains(parameter)) {
                throw Problem.badRequest(
                        parameter,
                        "unknown, expected one of " + String.join(", ", new TreeSet<>(PARAMETERS)));
            }
        }
    }

    private static @Nullable Boolean bool(String field, @Nullable String text) {
        return switch (text) {
            case null -> null;
            case "true" -> true;
            case "false" -> false;
            default -> throw Problem.badRequest(field, "expected true or false");
        };
    }

    private Multi<String> lines(Import of) {
        AtomicLong after = new AtomicLong();
        Multi<String> rows =
                Multi.createBy()
                        .repeating()
                        .uni(() -> importing.rejected(of.id(), after.get(), REJECTED_AT_ONCE))
                        .whilst(found -> !found.isEmpty())
                        .filter(found -> !found.isEmpty())
                        .invoke(found -> after.set(found.getLast().number()))
                        .map(found -> text(of, found));
        List<String> header = of.header();
        return header == null
                ? rows
                : Multi.createBy()
                        .concatenating()
                        .streams(
                                Multi.createFrom().item(CsvRows.line(header, delimiter(of))), rows);
    }

    private static String text(Import of, List<Rejected> rejected) {
        StringBuilder text = new StringBuilder();
        for (Rejected row : rejected) {
            text.append(
                            of.options().format() == Format.CSV
                                    ? CsvRows.rejected(row, header(of), delimiter(of))
                                    : NdjsonRows.rejected(row))
                    .append('\n');
        }
        return text.toString();
    }

    private static List<String> header(Import of) {
        return Objects.requireNonNullElse(of.header(), List.of());
    }

    private static char delimiter(Import of) {
        return Objects.requireNonNullElse(of.options().delimiter(), ",").charAt(0);
    }

    private Uni<RestResponse<ImportView>> begun(Import announced) {
        return importing
                .begin(announced)
                .map(begun ->
                        switch (begun) {
                            case Begun.Running(Import running) ->
                                    answer(RestResponse.Status.ACCEPTED, running);
                            case Begun.Incomplete(long parts, int next) ->
                                    throw Problem.conflict(
                                            next == 0
                                                    ? "parts: nothing was uploaded yet"
                                                    : "parts: %d of %d are there, upload the others first"
                                                            .formatted(parts, next));
                            case Begun.NotUploading() -> throw notUploading();
                        })
                .onFailure(CsvRows.BadHeader.class)
                .transform(ImportResource::badHeader);
    }

    private static Throwable badHeader(Throwable failure) {
        return failure instanceof CsvRows.BadHeader bad
                ? Problem.of(
                        bad.flaws().entrySet().stream()
                                .map(e -> new Problem.FieldError(e.getKey(), e.getValue()))
                                .toList())
                : failure;
    }

    private Uni<Import> find(UUID id) {
        return importing
                .find(id)
                .map(found ->
                        found.orElseThrow(() -> Problem.notFound("there is no import " + id)));
    }

    private static RestResponse<ImportView> answer(RestResponse.Status status, Import of) {
        return RestResponse.ResponseBuilder.<ImportView>create(status)
                .entity(ImportView.of(of))
                .location(URI.create("/api/imports/" + of.id()))
                .build();
    }

    private static Problem notUploading() {
        return Problem.conflict("the import was started or stopped already");
    }

    private record Position(UUID id, Instant at) {}
}
