package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.lift.Rate;
import io.throughline.attribution.lift.Sample;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The two arms of a journey, by customer as assigned. */
@ApplicationScoped
public class Arms {

    /**
     * By assignments_journey and conversions_journey. A customer counts in the arm of the first
     * assignment; what happened before it does not count.
     */
    private static final String COMPARE =
            """
            WITH assigned AS (
                SELECT coalesce(al.survivor, a.customer) AS customer,
                       min(a.at) AS at,
                       (array_agg(a.held_out ORDER BY a.at, a.id))[1] AS held_out,
                       (array_agg(a.holdout ORDER BY a.at, a.id))[1] AS holdout,
                       count(DISTINCT a.held_out) > 1 AS crossed
                  FROM assignments a
                  LEFT JOIN customer_aliases al ON al.merged = a.customer
                 WHERE a.journey = $1 AND a.at >= $2 AND a.at < $3
                 GROUP BY 1),
            outcomes AS (
                SELECT s.customer, s.held_out, s.holdout, s.crossed,
                       count(c.id) FILTER (WHERE NOT c.reversed) > 0 AS converted,
                       coalesce(sum(c.value) FILTER (WHERE c.currency = $6), 0) AS revenue
                  FROM assigned s
                  LEFT JOIN (SELECT * FROM standing_conversions
                              WHERE journey = $4 AND at >= $2 AND ($5::text IS NULL OR name = $5)) c
                    ON c.customer = s.customer AND c.at >= s.at AND (c.within IS NULL OR c.at < s.at + c.within)
                 GROUP BY s.customer, s.held_out, s.holdout, s.crossed)
            SELECT held_out,
                   count(*) AS customers,
                   count(*) FILTER (WHERE converted) AS converted,
                   avg(revenue)::double precision AS mean,
                   var_samp(revenue)::double precision AS variance,
                   count(*) FILTER (WHERE crossed) AS crossed,
                   count(holdout) AS known,
                   coalesce(sum(holdout), 0) AS expected
              FROM outcomes GROUP BY held_out
            """;

    /** By conversions_journey. */
    private static final String CURRENCIES =
            """
            SELECT DISTINCT currency FROM conversions
             WHERE journey = $1 AND at >= $2 AND ($3::text IS NULL OR name = $3) AND currency IS NOT NULL
             ORDER BY currency
            """;

    private final Pool pool;

    Arms(Pool pool) {
        this.pool = pool;
    }

    /**
     * One arm.
     *
     * @param crossed customers in it who were later assigned to the other as well
     * @param known how many of its assignments say how probable a holdout was
     * @param expectedHeldOut those probabilities added up
     */
    public record Arm(
            Rate rate, Sample revenue, long crossed, long known, double expectedHeldOut) {}

    /**
     * Both arms; one is absent where nobody was assigned to it.
     *
     * @param expectedHeldOut how many should have been held out; NaN where some assignment does not
     *     say
     */
    public record Both(
            @Nullable Arm treated, @Nullable Arm heldOut, long crossed, double expectedHeldOut) {}

    /**
     * Customers assigned from one instant until before another, and their conversions since.
     *
     * @param currency the one in which revenue is added up; absent where it does not matter
     */
    public Uni<Both> compare(
            String journey, Instant from, Instant to, Goals.Goal goal, @Nullable String currency) {
        return pool.preparedQuery(COMPARE)
                .execute(
                        Tuple.tuple()
                                .addString(journey)
                                .addOffsetDateTime(Columns.utc(from))
                                .addOffsetDateTime(Columns.utc(to))
                                .addString(goal.journey())
                                .addString(goal.name())
                                .addString(currency))
                .map(Arms::both);
    }

    /** The currencies of a goal's conversions, in alphabetical order. */
    public Uni<List<String>> currencies(Goals.Goal goal, Instant from) {
        return pool.preparedQuery(CURRENCIES)
                .execute(
                        Tuple.tuple()
                                .addString(goal.journey())
                                .addOffsetDateTime(Columns.utc(from))
                                .addString(goal.name()))
                .map(rows -> {
                    List<String> currencies = new ArrayList<>();
                    rows.forEach(row -> currencies.add(row.getString("currency")));
                    return currencies;
                });
    }

    private static Both both(RowSet<Row> rows) {
        Arm treated = null;
        Arm heldOut = null;
        long crossed = 0;
        boolean known = true;
        double expected = 0;
        for (Row row : rows) {
            Arm arm = arm(row);
            crossed += arm.crossed();
            known &= arm.known() == arm.rate().assigned();
            expected += arm.expectedHeldOut();
            if (row.getBoolean("held_out")) {
                heldOut = arm;
            } else {
                treated = arm;
            }
        }
        return new Both(treated, heldOut, crossed, known ? expected : Double.NaN);
    }

    private static Arm arm(Row row) {
        long customers = row.getLong("customers");
        Double variance = row.getDouble("variance");
        return new Arm(
                new Rate(customers, row.getLong("converted")),
                new Sample(
                        customers, row.getDouble("mean"), variance == null ? Double.NaN : variance),
                row.getLong("crossed"),
                row.getLong("known"),
                row.getDouble("expected"));
    }
}
