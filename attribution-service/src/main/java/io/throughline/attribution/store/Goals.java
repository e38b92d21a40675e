package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.conversion.Achieved;
import io.throughline.attribution.conversion.ConversionRules;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** What counts as a journey's goal in reports. */
@ApplicationScoped
public class Goals {

    /** By conversions_journey. */
    private static final String EVER_REACHED =
            "SELECT EXISTS (SELECT FROM conversions WHERE journey = $1) AS reached";

    private final Pool pool;

    Goals(Pool pool) {
        this.pool = pool;
    }

    /**
     * The conversions to read.
     *
     * @param journey the key they are kept under, {@link Achieved#SHOP} for the shop's
     * @param name the only event that counts; absent for any
     */
    public record Goal(String journey, @Nullable String name) {}

    /**
     * The journey's own goals, where it has any, in force or reached while they were; completed
     * orders otherwise.
     *
     * @param published whether goals of the journey are in force
     */
    public Uni<Goal> of(String journey, boolean published) {
        Goal own = new Goal(journey, null);
        if (published) {
            return Uni.createFrom().item(own);
        }
        return pool.preparedQuery(EVER_REACHED)
                .execute(Tuple.of(journey))
                .map(rows ->
                        rows.iterator().next().getBoolean("reached")
                                ? own
                                : new Goal(Achieved.SHOP, ConversionRules.ORDER_COMPLETED));
    }
}
