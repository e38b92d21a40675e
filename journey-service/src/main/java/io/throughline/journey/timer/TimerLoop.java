package io.throughline.journey.timer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.journey.conversation.Conversations;
import io.throughline.journey.conversation.Stimulus;
import io.throughline.journey.store.TimerStore;
import io.throughline.journey.store.TimerStore.TimerRef;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Applies due timers, one batch a transaction, and sleeps until the next is due. One loop a
 * process; loops of several processes share the work because a claim passes over what another
 * holds. Whoever commits a timer wakes the loop of their process; a timer that another process
 * started is found within a second.
 */
@ApplicationScoped
public class TimerLoop {

    private static final Logger LOG = Logger.getLogger(TimerLoop.class);

    private static final int BATCH = 200;
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);

    /** What is due and was not claimed belongs to a customer who is busy. */
    private static final Duration BUSY = Duration.ofMillis(10);

    /** How long a timer rests that cannot be applied, until somebody has mended what is wrong. */
    private static final Duration POSTPONED = Duration.ofMinutes(1);

    private static final Duration AFTER_FAILURE = Duration.ofMillis(500);

    private final TimerStore timers;
    private final Transactions transactions;
    private final Conversations conversations;
    private final InstantSource clock;
    private final Vertx vertx;
    private final Timer lateness;

    private boolean running;
    private boolean working;
    private boolean woken;
    private long sleep = -1;
    private Instant sleepsUntil = Instant.MAX;

    TimerLoop(
            TimerStore timers,
            Transactions transactions,
            Conversations conversations,
            InstantSource clock,
            Vertx vertx,
            MeterRegistry metrics) {
        this.timers = timers;
        this.transactions = transactions;
        this.conversations = conversations;
        this.clock = clock;
        this.vertx = vertx;
        this.lateness =
                Timer.builder("throughline.timers.lateness")
                        .description("from the time a timer was due to its application")
                        .publishPercentiles(0.5, 0.99)
                        .register(metrics);
    }

    void start(@Observes StartupEvent event) {
        synchronized (this) {
            running = true;
        }
        wake();
    }

    void stop(@Observes ShutdownEvent event) {
        synchronized (this) {
            running = false;
            vertx.cancelTimer(sleep);
        }
    }

    /** Timers may have been committed. Cheap, from any thread. */
    public void wake() {
        wake(Instant.MIN);
    }

    /**
     * The same, where it is known when the first of them is due: one that is due after the loop
     * looks anyway does not wake it.
     */
    public void wake(Instant due) {
        synchronized (this) {
            if (!working && !due.isBefore(sleepsUntil)) {
                return;
            }
            woken = true;
            if (!running || working) {
                return;
            }
            working = true;
            vertx.cancelTimer(sleep);
        }
        round();
    }

    private void round() {
        synchronized (this) {
            woken = false;
        }
        applyDue()
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(this::oneByOne)
                .chain(applied -> applied == BATCH ? now() : pause())
                .onFailure()
                .invoke(failure -> LOG.warnf("timers wait for the surroundings: %s", failure))
                .onFailure()
                .recoverWithItem(AFTER_FAILURE)
                .subscribe()
                .with(this::rest);
    }

    private Uni<Integer> applyDue() {
        return Uni.createFrom().deferred(() -> transactions.inTransaction(this::claimAndApply));
    }

    private Uni<Integer> claimAndApply(SqlConnection tx) {
        Instant now = clock.instant();
        return timers.claim(tx, now, BATCH)
                .chain(due ->
                        apply(tx, due).invoke(() -> record(due, now)).replaceWith(due.size()));
    }

    /** So that one timer that cannot be applied does not stop the others of its batch. */
    private Uni<Integer> oneByOne(Throwable failure) {
        LOG.warnf("a batch of timers cannot be applied, going one by one: %s", failure);
        return transactions
                .inTransaction(tx -> timers.claim(tx, clock.instant(), BATCH))
                .chain(due ->
                        Multi.createFrom()
                                .iterable(due)
                                .onItem()
                                .transformToUniAndConcatenate(this::applyAlone)
                                .collect()
                                .last()
                                .replaceWith(due.size()));
    }

    private Uni<Void> applyAlone(TimerStore.Timer timer) {
        TimerRef ref = new TimerRef(timer.instance(), timer.key());
        return transactions
                .inTransaction(
                        tx -> timers.claim(tx, ref, clock.instant()).chain(due -> apply(tx, due)))
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(failure -> postpone(ref, failure));
    }

    private Uni<Void> postpone(TimerRef timer, Throwable failure) {
        LOG.errorf(
                failure,
                "timer %s of instance %s cannot be applied and is put off for %s",
                timer.key(),
                timer.instance(),
                POSTPONED);
        return timers.postpone(timer, clock.instant().plus(POSTPONED));
    }

    private Uni<Void> apply(SqlConnection tx, List<TimerStore.Timer> due) {
        return conversations
                .apply(tx, due.stream().<Stimulus>map(Stimulus.Due::new).toList())
                .replaceWithVoid();
    }

    private void record(List<TimerStore.Timer> due, Instant now) {
        due.forEach(timer -> lateness.record(Duration.between(timer.due(), now)));
    }

    private static Uni<Duration> now() {
        return Uni.createFrom().item(Duration.ZERO);
    }

    private Uni<Duration> pause() {
        return timers.nextDue().map(this::until);
    }

    private Duration until(@Nullable Instant nextDue) {
        if (nextDue == null) {
            return LONGEST_SLEEP;
        }
        Duration left = Duration.between(clock.instant(), nextDue);
        if (left.compareTo(BUSY) < 0) {
            return BUSY;
        }
        return left.compareTo(LONGEST_SLEEP) < 0 ? left : LONGEST_SLEEP;
    }

    private void rest(Duration pause) {
        synchronized (this) {
            if (!running) {
                working = false;
                return;
            }
            if (!woken && !pause.isZero()) {
                working = false;
                sleepsUntil = clock.instant().plus(pause);
                // Rounded up, or the loop would look a fraction of a millisecond too early.
                sleep = vertx.setTimer(pause.toMillis() + 1, ignored -> wake());
                return;
            }
        }
        round();
    }
}
