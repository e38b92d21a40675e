package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.engagement.Engagement;
import io.throughline.identity.engagement.Sign;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How customers take what they are sent, one row a customer and channel. As with the timeline,
 * whose it was when it happened stays: a merge moves nothing, readers ask for the survivor's
 * aliases too. Messages that turn out to be another's are counted anew for both.
 */
@ApplicationScoped
public class EngagementStore {

    /** By the primary key (customer_id, channel), in its order. */
    private static final String BEGIN =
            """
            INSERT INTO engagements (customer_id, channel, counts)
            SELECT customer_id, channel, $3::text::json
              FROM unnest($1::uuid[], $2::text[]) AS asked (customer_id, channel)
             ORDER BY customer_id, channel
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key (customer_id, channel), in its order. */
    private static final String LOCK =
            """
            SELECT e.customer_id, e.channel, e.counts::text AS counts
              FROM unnest($1::uuid[], $2::text[]) AS asked (customer_id, channel)
              JOIN engagements e USING (customer_id, channel)
             ORDER BY e.customer_id, e.channel FOR UPDATE OF e
            """;

    /** By the primary key (customer_id, channel). */
    private static final String UPDATE =
            """
            UPDATE engagements e SET counts = n.counts::json
              FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n (customer_id, channel, counts)
             WHERE e.customer_id = n.customer_id AND e.channel = n.channel
            """;

    /** By the primary key (customer_id, channel), one range a customer id. */
    private static final String READ =
            """
            SELECT customer_id, channel, counts::text AS counts FROM engagements
             WHERE customer_id = ANY($1) ORDER BY customer_id, channel
            """;

    private final Pool pool;
    private final InstantSource clock;

    EngagementStore(Pool pool, InstantSource clock) {
        this.pool = pool;
        this.clock = clock;
    }

    /** Of whom, and of which channel. */
    public record Key(CustomerId customer, Channel channel) {}

    /** A sign of how somebody takes messages. */
    public record Seen(CustomerId customer, Sign sign) {

        Key key() {
            return new Key(customer, sign.channel());
        }
    }

    /** Counts signs in, each of them once: they come through the inbox. */
    public Uni<Void> note(SqlConnection tx, List<Seen> seen) {
        return seen.isEmpty()
                ? Uni.createFrom().voidItem()
                : locked(tx, seen.stream().map(Seen::key).distinct().toList())
                        .chain(known -> update(tx, counted(known, seen)));
    }

    /**
     * Counts anew.
     *
     * @param all reads all that was ever seen of these customers on these channels, in its order;
     *     while nobody else can count
     */
    public Uni<List<Seen>> recount(
            SqlConnection tx, Collection<Key> keys, Supplier<Uni<List<Seen>>> all) {
        return locked(tx, List.copyOf(keys))
                .chain(known -> {
                    known.replaceAll((key, engagement) -> Engagement.NONE);
                    return all.get().call(seen -> update(tx, counted(known, seen)));
                });
    }

    private static Uni<Map<Key, Engagement>> locked(SqlConnection tx, List<Key> keys) {
        Object[] customers = Columns.ids(keys, Key::customer);
        String[] channels = Columns.texts(keys, key -> key.channel().word());
        return Uni.combine()
                .all()
                .unis(
                        tx.preparedQuery(BEGIN)
                                .execute(
                                        Tuple.of(
                                                customers,
                                                channels,
                                                Columns.json(Engagement.NONE))),
                        tx.preparedQuery(LOCK).execute(Tuple.of(customers, channels)))
                .with((begun, rows) -> {
                    Map<Key, Engagement> known = new LinkedHashMap<>();
                    rows.forEach(row -> known.put(key(row), engagement(row)));
                    return known;
                });
    }

    private Map<Key, Engagement> counted(Map<Key, Engagement> known, List<Seen> seen) {
        Instant now = clock.instant();
        seen.forEach(one -> known.computeIfPresent(one.key(), (key, e) -> e.with(one.sign(), now)));
        return known;
    }

    private static Uni<Void> update(SqlConnection tx, Map<Key, Engagement> counted) {
        List<Map.Entry<Key, Engagement>> rows = List.copyOf(counted.entrySet());
        return tx.preparedQuery(UPDATE)
                .execute(
                        Tuple.of(
                                Columns.ids(rows, row -> row.getKey().customer()),
                                Columns.texts(rows, row -> row.getKey().channel().word()),
                                Columns.jsons(rows, Map.Entry::getValue)))
                .replaceWithVoid();
    }

    /**
     * @param customers a customer's id and those that were merged into her
     */
    public Uni<Map<Channel, Engagement>> of(Collection<CustomerId> customers) {
        return pool.preparedQuery(READ)
                .execute(Tuple.of(Columns.uuids(customers)))
                .map(rows -> {
                    Map<Channel, Engagement> channels = new EnumMap<>(Channel.class);
                    rows.forEach(row ->
                            channels.merge(key(row).channel(), engagement(row), Engagement::plus));
                    return channels;
                });
    }

    private static Key key(Row row) {
        return new Key(Columns.customer(row, "customer_id"), Channel.of(row.getString("channel")));
    }

    private static Engagement engagement(Row row) {
        try {
            return ContractJson.mapper().readValue(row.getString("counts"), Engagement.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("column counts holds what is no engagement", e);
        }
    }
}
