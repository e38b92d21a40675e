package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.identity.erasure.OneWay;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Addresses of erased customers, which are not to be written to when they are known again. */
@ApplicationScoped
public class SuppressionStore {

    private static final String SUPPRESS =
            """
            INSERT INTO suppressed_addresses (hash, channel, since)
            SELECT hash, channel, $3 FROM unnest($1::bytea[], $2::text[]) AS s (hash, channel)
             ORDER BY hash
            ON CONFLICT (hash) DO UPDATE SET since = EXCLUDED.since
            """;

    /** By the primary key. */
    private static final String SINCE =
            "SELECT hash, since FROM suppressed_addresses WHERE hash = ANY($1)";

    /** By the primary key. */
    private static final String LIFT =
            "DELETE FROM suppressed_addresses WHERE hash = $1 AND since < $2";

    /** As if it had been said when she was erased: what was said later counts. */
    private static final String IN_FORCE =
            """
            INSERT INTO address_consents (address, channel, topic, state, at)
            SELECT address, channel, '', 'opted_out', at
              FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS s (address, channel, at)
             ORDER BY address, channel
            ON CONFLICT (address, channel, topic) DO UPDATE
               SET state = EXCLUDED.state, at = EXCLUDED.at
             WHERE EXCLUDED.at >= address_consents.at
            """;

    private final OneWay oneWay;

    SuppressionStore(OneWay oneWay) {
        this.oneWay = oneWay;
    }

    /** An address, in its normal form, and the channel on which it is one. */
    public record Place(Channel channel, String address) {}

    /** A place that is not to be written to, and since when. */
    public record Suppressed(Place place, Instant since) {}

    public Uni<Void> suppress(SqlConnection tx, List<Place> places, Instant since) {
        return places.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(SUPPRESS)
                        .execute(
                                Tuple.tuple()
                                        .addValue(Hashes.column(hashes(places)))
                                        .addValue(
                                                Columns.texts(
                                                        places, place -> place.channel().word()))
                                        .addValue(Columns.time(since)))
                        .replaceWithVoid();
    }

    /** Puts what is suppressed of these places among what counts for addresses, and gives it. */
    public Uni<List<Suppressed>> recall(SqlConnection tx, List<Place> places) {
        return suppressed(tx, places).call(found -> putInForce(tx, found));
    }

    /** Those of the places that are not to be written to. */
    public Uni<List<Suppressed>> suppressed(SqlConnection tx, List<Place> places) {
        if (places.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<byte[]> hashes = hashes(places);
        return tx.preparedQuery(SINCE)
                .execute(Tuple.tuple().addValue(Hashes.column(hashes)))
                .map(rows -> {
                    Map<String, Instant> since = new HashMap<>();
                    for (Row row : rows) {
                        since.put(
                                Hashes.key(row.getBuffer("hash").getBytes()),
                                Columns.instant(row, "since"));
                    }
                    List<Suppressed> found = new ArrayList<>();
                    for (int i = 0; i < hashes.size(); i++) {
                        Instant at = since.get(Hashes.key(hashes.get(i)));
                        if (at != null) {
                            found.add(new Suppressed(places.get(i), at));
                        }
                    }
                    return found;
                });
    }

    private static Uni<Void> putInForce(SqlConnection tx, List<Suppressed> found) {
        return found.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(IN_FORCE)
                        .execute(
                                Tuple.of(
                                        Columns.texts(found, s -> s.place().address()),
                                        Columns.texts(found, s -> s.place().channel().word()),
                                        Columns.times(found, Suppressed::since)))
                        .replaceWithVoid();
    }

    /** Somebody asked for messages to this address after it was suppressed. */
    public Uni<Void> lift(SqlConnection tx, Place place, Instant at) {
        return tx.preparedQuery(LIFT)
                .execute(
                        Tuple.tuple()
                                .addValue(Hashes.column(hashes(List.of(place)))[0])
                                .addValue(Columns.time(at)))
                .replaceWithVoid();
    }

    private List<byte[]> hashes(List<Place> places) {
        return places.stream().map(p -> oneWay.address(p.channel(), p.address())).toList();
    }
}
