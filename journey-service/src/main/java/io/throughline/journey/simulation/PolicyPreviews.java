package io.throughline.journey.simulation;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.preview.PolicyPreview;
import io.throughline.journey.store.PolicyPreviewStore;
import io.throughline.journey.store.PolicyPreviewStore.Asked;
import io.throughline.journey.store.PolicyPreviewStore.Stored;
import io.throughline.journey.store.PolicyPreviewStore.Taken;
import io.throughline.journey.store.PolicyStore;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs previews of a policy, one at a time in a process; the others wait in the database. One whose
 * process is lost is begun anew by another: a replay tells the same from the beginning. Only a page
 * of customers is in memory.
 */
@ApplicationScoped
public class PolicyPreviews {

    private static final Logger LOG = Logger.getLogger(PolicyPreviews.class);

    private static final int MOST_OPEN = 20;
    private static final int MOST_TRIES = 3;
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration LOST = Duration.ofMinutes(1);
    private static final Duration KEPT = Duration.ofDays(7);

    private final PolicyPreviewStore store;
    private final PolicyStore policies;
    private final Pasts pasts;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("policy-preview").daemon().factory());

    PolicyPreviews(
            PolicyPreviewStore store,
            PolicyStore policies,
            Pasts pasts,
            InstantSource clock,
            RandomGenerator random) {
        this.store = store;
        this.policies = policies;
        this.pasts = pasts;
        this.clock = clock;
        this.random = random;
    }

    void start(@Observes StartupEvent event, Vertx vertx) {
        var unused = vertx.setPeriodic(LOOK.toMillis(), ignored -> look());
    }

    /**
     * Asks for a preview over the last days and gives its id.
     *
     * @throws Problem 429 when too many are waiting
     */
    public Uni<UUID> ask(ContactPolicy proposed, Duration period) {
        Instant now = clock.instant();
        Instant to = now.truncatedTo(ChronoUnit.MILLIS);
        UUID id = Ids.timeOrdered(now, random);
        return policies.current()
                .map(inForce -> new Asked(id, proposed, inForce, to.minus(period), to))
                .chain(asked -> store.add(asked, now, MOST_OPEN))
                .invoke(added -> {
                    if (!added) {
                        throw Problem.tooManyRequests(Duration.ofSeconds(30));
                    }
                })
                .invoke(this::look)
                .replaceWith(id);
    }

    public Uni<Optional<Stored>> find(UUID id) {
        return store.find(id);
    }

    /** Does what waits, one after the other, unless this process is at it already. */
    private void look() {
        if (!busy.compareAndSet(false, true)) {
            return;
        }
        Multi.createBy()
                .repeating()
                .uni(this::next)
                .whilst(Optional::isPresent)
                .collect()
                .last()
                .chain(() -> store.forget(clock.instant().minus(KEPT)))
                .onTermination()
                .invoke(() -> busy.set(false))
                .subscribe()
                .with(
                        done -> LOG.trace("no preview waits"),
                        failure -> LOG.warnf("previews cannot be looked for: %s", failure));
    }

    private Uni<Optional<Taken>> next() {
        Instant now = clock.instant();
        return store.take(Ids.timeOrdered(now, random), now, now.minus(LOST))
                .call(taken -> taken.isPresent() ? run(taken.get()) : Uni.createFrom().voidItem());
    }

    private Uni<Void> run(Taken taken) {
        if (taken.tries() > MOST_TRIES) {
            return store.failed(
                    taken, "each process that ran it ended; ask for it again", clock.instant());
        }
        Asked asked = taken.asked();
        PolicyPreview preview =
                new PolicyPreview(asked.inForce(), asked.proposed(), asked.from(), asked.to());
        return play(taken, preview)
                .emitOn(worker)
                .map(done -> preview.report().toJson())
                .chain(report -> store.done(taken, report, clock.instant()))
                .onFailure()
                .recoverWithUni(failure -> failed(taken, failure));
    }

    private Uni<Boolean> play(Taken taken, PolicyPreview preview) {
        return Multi.createBy()
                .repeating()
                .uni(Progress::new, progress -> playPage(taken, preview, progress))
                .whilst(more -> more)
                .collect()
                .last();
    }

    /** Where a run is; touched by one stage at a time. */
    private static final class Progress {
        private @Nullable CustomerId last;
        private long played;
    }

    private Uni<Boolean> playPage(Taken taken, PolicyPreview preview, Progress progress) {
        return pasts.page(progress.last, preview, taken.asked().to())
                .emitOn(worker)
                .invoke(page -> {
                    page.pasts().forEach(preview::play);
                    progress.last = page.last();
                    progress.played += page.customers();
                })
                .call(page ->
                        store.progress(taken, progress.played, clock.instant())
                                .invoke(PolicyPreviews::stillOurs))
                .map(page -> page.last() != null);
    }

    private static void stillOurs(boolean ours) {
        if (!ours) {
            throw new IllegalStateException("another process has taken it over");
        }
    }

    private Uni<Void> failed(Taken taken, Throwable failure) {
        LOG.errorf(failure, "policy preview %s failed", taken.asked().id());
        return store.failed(taken, String.valueOf(failure.getMessage()), clock.instant());
    }

    @PreDestroy
    void close() {
        List<Runnable> unused = worker.shutdownNow();
    }
}
