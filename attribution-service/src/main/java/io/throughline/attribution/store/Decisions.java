package io.throughline.attribution.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.attribution.explanation.DecisionRecord;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.json.ContractJson;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Every decision about a customer, and the assignments among them. */
@ApplicationScoped
public class Decisions {

    private static final String ADD =
            """
            INSERT INTO decisions (id, customer, at, type, kind, journey, channel, reason, body)
            SELECT id, customer, at, type, kind, journey, channel, reason, body::jsonb
              FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                          $7::text[], $8::text[], $9::text[])
                AS d(id, customer, at, type, kind, journey, channel, reason, body)
            ON CONFLICT DO NOTHING
            """;

    private static final String ASSIGN =
            """
            INSERT INTO assignments (id, customer, journey, version, held_out, holdout, at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::boolean[],
                                 $6::double precision[], $7::timestamptz[])
            ON CONFLICT DO NOTHING
            """;

    /**
     * By the primary key and the index customer_aliases_survivor, then decisions_customer once for
     * each id the customer ever had, and of what was silenced suppressions_customer likewise. The
     * gate keeps milliseconds.
     */
    private static final String OF_CUSTOMER =
            """
            WITH root AS (
                SELECT coalesce((SELECT survivor FROM customer_aliases WHERE merged = $1), $1) AS id),
            who AS (
                SELECT id FROM root
                 UNION ALL
                SELECT a.merged FROM customer_aliases a JOIN root ON a.survivor = root.id)
            SELECT d.id, d.type, d.body::text AS body,
                   s.name AS silenced_by, s.happened_at AS silenced_at, s.until AS silenced_until
              FROM (SELECT d.* FROM who CROSS JOIN LATERAL (
                           SELECT * FROM decisions
                            WHERE customer = who.id AND (at, id) < ($2, $3)
                            ORDER BY at DESC, id DESC LIMIT $4) d
                     ORDER BY d.at DESC, d.id DESC LIMIT $4) d
              LEFT JOIN LATERAL (
                   SELECT s.name, s.happened_at, s.until
                     FROM who JOIN suppressions s ON s.customer = who.id
                    WHERE d.body->'verdicts' @> '[{"rule": "silence", "passed": false}]'
                      AND s.kind = 'conversion' AND s.name IS NOT NULL
                      AND date_trunc('milliseconds', s.until) = (
                          SELECT (v->>'retryAt')::timestamptz
                            FROM jsonb_array_elements(d.body->'verdicts') v
                           WHERE v->>'rule' = 'silence' LIMIT 1)
                    ORDER BY s.happened_at DESC LIMIT 1) s ON true
             ORDER BY d.at DESC, d.id DESC
            """;

    private static final UUID GREATEST = new UUID(-1L, -1L);

    /** Far enough and still a timestamp of PostgreSQL. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final Pool pool;

    Decisions(Pool pool) {
        this.pool = pool;
    }

    /**
     * A decision as it came.
     *
     * @param id of the event that tells of it
     */
    public record Told(UUID id, CustomerId customer, ContractEvent event, DecisionRecord record) {

        public static Told of(UUID id, CustomerId customer, ContractEvent event) {
            return new Told(id, customer, event, DecisionRecord.of(id, event));
        }
    }

    /** Where a list of decisions, newest first, goes on: after this one. */
    public record Position(Instant at, UUID id) {}

    public Uni<Void> add(SqlConnection tx, List<Told> decisions) {
        if (decisions.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(ADD)
                .execute(
                        new Columns<>(decisions)
                                .uuid(Told::id)
                                .uuid(d -> d.customer().value())
                                .time(d -> d.record().at())
                                .text(d -> EventTypes.typeOf(d.event().getClass()))
                                .text(d -> d.record().kind())
                                .text(d -> d.record().journey())
                                .text(d -> word(d.record().channel()))
                                .text(d -> d.record().reason())
                                .text(d -> json(d.event()))
                                .tuple())
                .chain(() -> assign(tx, assignments(decisions)));
    }

    /**
     * A customer's decisions, newest first, those made under ids that merged into it included.
     *
     * @param customer the survivor or any id that merged into it
     * @param after absent for the newest
     */
    public Uni<List<DecisionRecord>> of(CustomerId customer, @Nullable Position after, int limit) {
        Position from = after == null ? new Position(LATEST, GREATEST) : after;
        return pool.preparedQuery(OF_CUSTOMER)
                .execute(Tuple.of(customer.value(), Columns.utc(from.at()), from.id(), limit))
                .map(rows -> {
                    List<DecisionRecord> records = new ArrayList<>();
                    rows.forEach(row -> records.add(record(row)));
                    return records;
                });
    }

    private record Assignment(
            UUID id,
            CustomerId customer,
            String journey,
            int version,
            boolean heldOut,
            @Nullable Double holdout,
            Instant at) {}

    private static List<Assignment> assignments(List<Told> decisions) {
        List<Assignment> assignments = new ArrayList<>();
        for (Told told : decisions) {
            switch (told.event()) {
                case DecisionEvent.Entered e ->
                        assignments.add(assignment(told.id(), e, false, e.holdout()));
                case DecisionEvent.HeldOut e ->
                        assignments.add(assignment(told.id(), e, true, e.holdout()));
                default -> {}
            }
        }
        return assignments;
    }

    private static Assignment assignment(
            UUID id, DecisionEvent event, boolean heldOut, @Nullable Double holdout) {
        return new Assignment(
                id,
                event.customer(),
                event.origin().journey(),
                event.origin().version(),
                heldOut,
                holdout,
                event.at());
    }

    private static Uni<Void> assign(SqlConnection tx, List<Assignment> assignments) {
        if (assignments.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(ASSIGN)
                .execute(
                        new Columns<>(assignments)
                                .uuid(Assignment::id)
                                .uuid(a -> a.customer().value())
                                .text(Assignment::journey)
                                .integer(Assignment::version)
                                .truth(Assignment::heldOut)
                                .real(Assignment::holdout)
                                .time(Assignment::at)
                                .tuple())
                .replaceWithVoid();
    }

    private static Instant time(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    private static DecisionRecord record(Row row) {
        String type = row.getString("type");
        try {
            ContractEvent event =
                    ContractJson.mapper()
                            .readValue(
                                    row.getString("body"), EventTypes.classOf(type).orElseThrow());
            DecisionRecord record = DecisionRecord.of(row.getUUID("id"), event);
            String silencedBy = row.getString("silenced_by");
            return silencedBy == null
                    ? record
                    : record.silencedBy(
                            new DecisionRecord.Silence(
                                    silencedBy,
                                    time(row, "silenced_at"),
                                    time(row, "silenced_until")));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "decision " + row.getUUID("id") + " cannot be read any more", e);
        }
    }

    private static String json(ContractEvent event) {
        try {
            return ContractJson.mapper().writeValueAsString(event);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an event that was read can be written", e);
        }
    }

    private static @Nullable String word(@Nullable Channel channel) {
        return channel == null ? null : channel.word();
    }
}
