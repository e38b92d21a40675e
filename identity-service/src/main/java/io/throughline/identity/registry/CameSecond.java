package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.identity.store.ConcurrentChange;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Of two units of work on the same customers one comes second: it finds them changed under their
 * lock, or the database ends it because each waited for the other. What it did is rolled back, and
 * doing it anew helps.
 */
final class CameSecond {

    /** A third try is rare. */
    static final int TRIES = 8;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);
    private static final String DEADLOCK = "40P01";

    private CameSecond() {}

    static boolean is(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConcurrentChange
                    || (cause instanceof PgException pg && DEADLOCK.equals(pg.getSqlState()))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Does the work until it does not come second.
     *
     * @param tries after which it fails with a {@link SurroundingsFault}, since later it may not
     */
    static <T extends @Nullable Object> Uni<T> again(Supplier<Uni<T>> work, int tries) {
        return Uni.createFrom()
                .deferred(() -> work.get())
                .onFailure(CameSecond::is)
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .atMost(tries)
                .onFailure(CameSecond::is)
                .transform(failure -> new SurroundingsFault("others came first", failure));
    }
}
