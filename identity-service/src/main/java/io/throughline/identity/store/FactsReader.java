package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.segment.Facts;
import io.throughline.identity.segment.Happening;
import io.throughline.identity.segment.Needs;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What segments ask about customers, read from where it is kept anyway: the profile, what counts of
 * the consents, the scores, the history. No second copy is kept of any of it; so what an unlinked
 * identifier or a merge moves, is moved for segments too.
 */
@ApplicationScoped
public class FactsReader {

    /** Whoever has no trait costs no reading of any. By the primary key. */
    private static final String UNMERGED =
            "SELECT id FROM customers WHERE id = ANY($1) AND merged_into IS NULL AND erased_at IS NULL";

    /** By the primary key. */
    private static final String PROFILES =
            "SELECT "
                    + ProfileRows.COLUMNS
                    + " FROM customers WHERE id = ANY($1) AND merged_into IS NULL AND erased_at IS NULL";

    /** By the primary key (customer_id, channel, topic). */
    private static final String CONSENTS =
            "SELECT customer_id, channel, topic, state FROM consents WHERE customer_id = ANY($1)";

    /**
     * By the primary key (customer_id, at, id), one range a customer id, which ends where the
     * longest window does; and by the index customers_merged_into. An entry begins with its type
     * and name, so it is told by its first characters and only those that are asked for are taken
     * apart.
     */
    private static final String HISTORY =
            """
            WITH asked AS (
              SELECT id AS owner, id FROM unnest($1::uuid[]) AS id
              UNION ALL
              SELECT merged_into, id FROM customers WHERE merged_into = ANY($1)
            )
            SELECT a.owner, n.name, t.at,
                   CASE WHEN n.carried THEN (t.entry -> 'properties')::text END AS properties
              FROM asked a
              JOIN timeline t ON t.customer_id = a.id AND t.at > $2
              JOIN unnest($3::text[], $4::text[], $5::timestamptz[], $6::boolean[])
                   AS n (name, beginning, since, carried)
                ON t.at > n.since AND starts_with(t.entry::text, n.beginning)
             WHERE t.kind = 'event'
            """;

    /** Before anything that can have happened. */
    private static final Instant EVER = Instant.parse("0001-01-01T00:00:00Z");

    private static final TypeReference<Map<String, Object>> PROPERTIES = new TypeReference<>() {};

    /**
     * Reads what is needed of customers.
     *
     * @return by customer; those who are unknown or were merged away are left out
     */
    public Uni<Map<CustomerId, Facts>> read(
            SqlConnection tx, Collection<CustomerId> customers, Needs needs, Instant now) {
        if (customers.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        Tuple ids = Tuple.of(Columns.uuids(customers));
        return Uni.combine()
                .all()
                .unis(
                        tx.preparedQuery(needs.profile() ? PROFILES : UNMERGED).execute(ids),
                        needs.consents()
                                ? tx.preparedQuery(CONSENTS).execute(ids).map(FactsReader::consents)
                                : Uni.createFrom().item(Map.<CustomerId, Map<String, String>>of()),
                        needs.scores()
                                ? ScoreStore.values(tx, customers)
                                : Uni.createFrom().item(Map.<CustomerId, Map<String, Double>>of()),
                        history(tx, customers, needs.events(), now))
                .with((profiles, consents, scores, happened) ->
                        facts(profiles, needs, consents, scores, happened));
    }

    private static Map<CustomerId, Facts> facts(
            RowSet<Row> profiles,
            Needs needs,
            Map<CustomerId, Map<String, String>> consents,
            Map<CustomerId, Map<String, Double>> scores,
            Map<CustomerId, List<Happening>> happened) {
        Map<CustomerId, Facts> facts = new LinkedHashMap<>();
        for (Row row : profiles) {
            CustomerId customer = Columns.customer(row, "id");
            facts.put(
                    customer,
                    new Facts(
                            customer,
                            needs.profile()
                                    ? ProfileRows.read(row, new TreeSet<>()).visibleTraits()
                                    : Map.of(),
                            consents.getOrDefault(customer, Map.of()),
                            scores.getOrDefault(customer, Map.of()),
                            happened.getOrDefault(customer, List.of())));
        }
        return facts;
    }

    private static Uni<Map<CustomerId, List<Happening>>> history(
            SqlConnection tx,
            Collection<CustomerId> customers,
            Map<String, Needs.Lookback> events,
            Instant now) {
        if (events.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        List<Map.Entry<String, Needs.Lookback>> asked = List.copyOf(events.entrySet());
        Instant oldest =
                asked.stream()
                        .map(one -> since(one.getValue(), now))
                        .min(Instant::compareTo)
                        .orElse(EVER);
        return tx.preparedQuery(HISTORY)
                .execute(
                        Tuple.of(
                                Columns.uuids(customers),
                                Columns.time(oldest),
                                Columns.texts(asked, Map.Entry::getKey),
                                Columns.texts(asked, one -> beginning(one.getKey())),
                                Columns.times(asked, one -> since(one.getValue(), now)),
                                asked.stream()
                                        .map(one -> one.getValue().properties())
                                        .toArray(Boolean[]::new)))
                .map(FactsReader::happened);
    }

    private static Instant since(Needs.Lookback back, Instant now) {
        Duration longest = back.longest();
        return longest == null ? EVER : now.minus(longest);
    }

    /** As the entry of such an event is written, up to the name's end. */
    static String beginning(String event) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("type", Kind.TRACK);
        entry.put("name", event);
        String written = Columns.json(entry);
        return written.substring(0, written.length() - 1);
    }

    private static Map<CustomerId, List<Happening>> happened(RowSet<Row> rows) {
        Map<CustomerId, List<Happening>> happened = new HashMap<>();
        for (Row row : rows) {
            happened.computeIfAbsent(Columns.customer(row, "owner"), id -> new ArrayList<>())
                    .add(
                            new Happening(
                                    row.getString("name"),
                                    Columns.instant(row, "at"),
                                    properties(row.getString("properties"))));
        }
        return happened;
    }

    private static Map<String, Object> properties(@Nullable String json) {
        try {
            return json == null ? Map.of() : ContractJson.mapper().readValue(json, PROPERTIES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the timeline holds what are no properties", e);
        }
    }

    private static Map<CustomerId, Map<String, String>> consents(RowSet<Row> rows) {
        Map<CustomerId, Map<String, String>> consents = new HashMap<>();
        for (Row row : rows) {
            String channel = row.getString("channel");
            String topic = row.getString("topic");
            consents.computeIfAbsent(Columns.customer(row, "customer_id"), id -> new HashMap<>())
                    .put(topic.isEmpty() ? channel : channel + ":" + topic, row.getString("state"));
        }
        return consents;
    }
}
