package io.throughline.journey.simulation;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.dryrun.DryRun;
import io.throughline.journey.engine.Program;
import io.throughline.journey.store.DryRunStore;
import io.throughline.journey.store.StoryStore;
import io.throughline.journey.store.StoryStore.Story;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs dry runs one after the other, off the event loop. Only a page of customers is in memory at a
 * time. A few may wait; more are refused.
 */
@ApplicationScoped
public class DryRuns {

    private static final Logger LOG = Logger.getLogger(DryRuns.class);

    private static final int PAGE = 200;
    private static final int MOST_WAITING = 8;

    /** A running one that has not changed for this long has lost its process. */
    private static final Duration LOST = Duration.ofMinutes(1);

    private final StoryStore stories;
    private final DryRunStore store;
    private final Surroundings surroundings;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("dry-run").daemon().factory());

    DryRuns(
            StoryStore stories,
            DryRunStore store,
            Surroundings surroundings,
            InstantSource clock,
            RandomGenerator random) {
        this.stories = stories;
        this.store = store;
        this.surroundings = surroundings;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What to try.
     *
     * @param version the draft's number in reports
     * @param since events received before are left out
     */
    public record Trial(JourneyDocument draft, int version, long seed, Instant since) {}

    /**
     * Begins a dry run and gives its id.
     *
     * @throws Problem 429 when too many are waiting
     */
    public Uni<UUID> begin(Trial trial) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            throw Problem.tooManyRequests(Duration.ofSeconds(10));
        }
        UUID id = Ids.timeOrdered(clock.instant(), random);
        return stories.count()
                .chain(total -> store.add(id, trial.draft().journey(), total, clock.instant()))
                .onFailure()
                .invoke(waiting::decrementAndGet)
                .invoke(() -> start(id, trial))
                .replaceWith(id);
    }

    /**
     * How a dry run is; null when there is none. One whose process ended before it was done has
     * failed.
     */
    public Uni<DryRunStore.@Nullable Stored> find(UUID id) {
        return store.find(id).map(this::orLost);
    }

    private DryRunStore.@Nullable Stored orLost(DryRunStore.@Nullable Stored found) {
        if (found == null
                || !found.status().equals("running")
                || found.changedAt().plus(LOST).isAfter(clock.instant())) {
            return found;
        }
        return new DryRunStore.Stored(
                found.id(),
                found.journey(),
                "failed",
                found.played(),
                found.total(),
                null,
                "the process that ran it ended; start it again",
                found.startedAt(),
                found.changedAt());
    }

    private void start(UUID id, Trial trial) {
        surroundings
                .read()
                .emitOn(worker)
                .map(around -> dryRun(trial, around))
                .chain(dryRun -> play(id, trial, dryRun))
                .chain(report -> store.done(id, report, clock.instant()))
                .onFailure()
                .recoverWithUni(failure -> failed(id, failure))
                .onTermination()
                .invoke(waiting::decrementAndGet)
                .subscribe()
                .with(
                        done -> LOG.debugf("dry run %s ended", id),
                        failure -> LOG.warnf("dry run %s cannot be recorded: %s", id, failure));
    }

    private static DryRun dryRun(Trial trial, Surroundings.Around around) {
        Program draft = Program.compile(trial.draft(), trial.version());
        DryRun.Others others = new DryRun.Others(around.active(), around.paused());
        return new DryRun(draft, others, around.policy(), trial.seed());
    }

    private Uni<String> play(UUID id, Trial trial, DryRun dryRun) {
        return Multi.createBy()
                .repeating()
                .uni(
                        Progress::new,
                        progress ->
                                stories.page(progress.last, trial.since(), PAGE)
                                        .emitOn(worker)
                                        .invoke(page -> playPage(dryRun, page, progress))
                                        .call(() ->
                                                store.progress(
                                                        id, progress.played, clock.instant())))
                .until(List::isEmpty)
                .collect()
                .last()
                .emitOn(worker)
                .map(last -> dryRun.report().toJson());
    }

    /** Where a run is; touched by one stage at a time. */
    private static final class Progress {
        private @Nullable CustomerId last;
        private long played;
    }

    private static void playPage(DryRun dryRun, List<Story> page, Progress progress) {
        for (Story story : page) {
            dryRun.play(Stories.of(story));
            progress.last = story.customer().id();
            progress.played++;
        }
    }

    private Uni<Void> failed(UUID id, Throwable failure) {
        LOG.errorf(failure, "dry run %s failed", id);
        return store.failed(id, String.valueOf(failure.getMessage()), clock.instant());
    }

    @PreDestroy
    void close() {
        worker.shutdownNow();
    }
}
