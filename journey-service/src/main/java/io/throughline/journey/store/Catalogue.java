package io.throughline.journey.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.definition.JourneyParser;
import io.throughline.journey.definition.Parsed;
import io.throughline.journey.engine.Program;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is in force, read within each unit of work: so an activation, a pause or a policy counts
 * everywhere from the instant it commits, and no process holds a copy that could be old. Only what
 * never changes is kept: the programs of versions, the documents of policies.
 */
@ApplicationScoped
public class Catalogue {

    // A few hundred rows at most; read whole.
    private static final String JOURNEYS =
            """
            SELECT key, status, active_version FROM journeys
            """;

    // Index: journeys_pkey. Keeps whoever would activate, pause or archive them waiting until this
    // transaction ends; locked in one order, so that two of these never wait in a circle.
    private static final String PINNED =
            """
            SELECT key, status, active_version FROM journeys
             WHERE key = ANY($1::text[]) ORDER BY key FOR SHARE
            """;

    // Index: contact_policies_pkey, backwards.
    private static final String POLICY =
            """
            SELECT version, document FROM contact_policies ORDER BY version DESC LIMIT 1
            """;

    // Index: journey_versions_pkey.
    private static final String VERSIONS =
            """
            SELECT v.journey, v.version, v.document
              FROM unnest($1::text[], $2::integer[]) AS n(journey, version)
              JOIN journey_versions v ON v.journey = n.journey AND v.version = n.version
            """;

    private static final int MAX_PROGRAMS = 1000;

    private final Map<Version, Program> programs = new ConcurrentHashMap<>();
    private final Map<Integer, ContactPolicy> policies = new ConcurrentHashMap<>();

    private final Vertx vertx;

    Catalogue(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Names a journey's version. */
    public record Version(String journey, int version) {}

    /**
     * A journey as it stands.
     *
     * @param activeVersion what customers enter; absent until the first activation
     */
    public record Standing(String journey, JourneyStatus status, @Nullable Integer activeVersion) {}

    /** Every journey by its key. */
    public Uni<Map<String, Standing>> journeys(SqlConnection tx) {
        return tx.preparedQuery(JOURNEYS).execute().map(Catalogue::standings);
    }

    /** Some journeys by their keys, as they stand until the transaction ends. */
    public Uni<Map<String, Standing>> pinned(SqlConnection tx, Collection<String> journeys) {
        return tx.preparedQuery(PINNED)
                .execute(Tuple.of(journeys.toArray(String[]::new)))
                .map(Catalogue::standings);
    }

    /** The contact policy in force; the initial one before any was stored. */
    public Uni<ContactPolicy> policy(SqlConnection tx) {
        return tx.preparedQuery(POLICY).execute().map(this::policy);
    }

    /** Compiled versions; one that does not exist is left out. */
    public Uni<Map<Version, Program>> programs(SqlConnection tx, Collection<Version> wanted) {
        Map<Version, Program> found = new HashMap<>();
        List<Version> missing = new ArrayList<>();
        for (Version version : new LinkedHashSet<>(wanted)) {
            Program known = programs.get(version);
            if (known == null) {
                missing.add(version);
            } else {
                found.put(version, known);
            }
        }
        return missing.isEmpty()
                ? Uni.createFrom().item(found)
                : read(tx, missing).invoke(found::putAll).replaceWith(found);
    }

    /** Compiled on a worker: expressions take longer than an event loop has. */
    private Uni<Map<Version, Program>> read(SqlConnection tx, List<Version> versions) {
        Columns<Version> columns =
                Columns.of(versions).text(Version::journey).integer(Version::version);
        return tx.preparedQuery(VERSIONS)
                .execute(columns.tuple())
                .chain(rows -> vertx.executeBlocking(() -> compiled(rows)));
    }

    private Map<Version, Program> compiled(RowSet<Row> rows) {
        Map<Version, Program> compiled = new HashMap<>();
        for (Row row : rows) {
            Version version = new Version(row.getString("journey"), row.getInteger("version"));
            compiled.put(
                    version,
                    Program.compile(document(row.getString("document")), version.version()));
        }
        if (programs.size() > MAX_PROGRAMS) {
            programs.clear();
        }
        programs.putAll(compiled);
        return compiled;
    }

    /**
     * @throws IllegalStateException when a stored document is not one any more
     */
    public static JourneyDocument document(String json) {
        return switch (JourneyParser.parse(json)) {
            case Parsed.Valid(JourneyDocument document) -> document;
            case Parsed.Invalid(List<Parsed.Flaw> flaws) ->
                    throw new IllegalStateException(
                            "a stored journey does not parse: " + flaws.getFirst());
        };
    }

    private ContactPolicy policy(RowSet<Row> rows) {
        for (Row row : rows) {
            return policies.computeIfAbsent(
                    row.getInteger("version"),
                    version -> Json.read(row.getString("document"), ContactPolicy.class));
        }
        return ContactPolicy.initial();
    }

    private static Map<String, Standing> standings(RowSet<Row> rows) {
        Map<String, Standing> journeys = new HashMap<>();
        for (Row row : rows) {
            String key = row.getString("key");
            journeys.put(
                    key,
                    new Standing(
                            key,
                            JourneyStatus.of(row.getString("status")),
                            row.getInteger("active_version")));
        }
        return journeys;
    }
}
