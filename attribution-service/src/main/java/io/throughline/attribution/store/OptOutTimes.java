package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.store.Misses.Spread;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How soon opt-outs that were asked for at a door of ours were in force. */
@ApplicationScoped
public class OptOutTimes {

    /** By suppressions_asked. All of them together have neither channel nor means. */
    private static final String TIMES =
            """
            WITH times AS (
                SELECT channel, source AS means,
                       (extract(epoch FROM greatest(in_force_at, asked_at) - asked_at) * 1000000)::bigint
                           AS from_request,
                       (extract(epoch FROM greatest(in_force_at, acknowledged_at) - acknowledged_at) * 1000000)::bigint
                           AS from_answer
                  FROM suppressions
                 WHERE asked_at >= $1 AND asked_at < $2 AND kind = 'opt_out'
                   AND in_force_at IS NOT NULL AND acknowledged_at IS NOT NULL)
            SELECT channel, means, count(*) AS count,
                   percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY from_request) AS from_request,
                   percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY from_answer) AS from_answer
              FROM times GROUP BY GROUPING SETS ((), (channel, means))
             ORDER BY channel NULLS FIRST, means NULLS FIRST
            """;

    private final Pool pool;

    OptOutTimes(Pool pool) {
        this.pool = pool;
    }

    /**
     * Opt-outs of one channel by one means.
     *
     * @param channel absent, as the means is, for all of them
     * @param requestToInForce from the request until the gate refused
     * @param acknowledgedToInForce from the answer until the gate refused: nothing, while promises
     *     are kept
     */
    public record Times(
            @Nullable String channel,
            @Nullable String means,
            long count,
            @Nullable Spread requestToInForce,
            @Nullable Spread acknowledgedToInForce) {}

    /** All together first, then by channel and means. */
    public Uni<List<Times>> between(Instant from, Instant to) {
        return pool.preparedQuery(TIMES)
                .execute(Tuple.of(Columns.utc(from), Columns.utc(to)))
                .map(rows -> {
                    List<Times> times = new ArrayList<>();
                    rows.forEach(row ->
                            times.add(
                                    new Times(
                                            row.getString("channel"),
                                            row.getString("means"),
                                            row.getLong("count"),
                                            Spread.of(row, "from_request"),
                                            Spread.of(row, "from_answer"))));
                    return times;
                });
    }
}
