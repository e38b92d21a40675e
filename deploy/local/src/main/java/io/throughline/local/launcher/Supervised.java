package io.throughline.local.launcher;

import io.throughline.local.infrastructure.Readiness;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.infrastructure.Tethered;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process that is started again when it ends unasked, as Kubernetes would, with longer pauses
 * while it does not get ready. One that never was ready stays down, because starting it again would
 * only do the same.
 */
final class Supervised {

    /** Where a supervised process stands. */
    enum State {
        STARTING,
        READY,
        /** Somebody else runs it: see {@link Registry#holdFile}. */
        HELD,
        FAILED,
        STOPPED
    }

    /**
     * How to run it.
     *
     * @param ready whether it answers
     * @param held whether it must not run now
     * @param patience from its start until it has to be ready
     * @param grace from being asked to end until it is killed
     * @param pause before another start of one that did not get ready again; twice as long each
     *     time
     */
    record Recipe(
            String name,
            Supplier<Tethered> start,
            BooleanSupplier ready,
            BooleanSupplier held,
            Path log,
            Duration patience,
            Duration grace,
            Duration pause) {}

    private static final long LOOK_AGAIN_MILLIS = 150;
    private static final int LINES_SHOWN = 12;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Recipe recipe;
    private final Consumer<String> say;
    private final Runnable changed;
    private final CompletableFuture<Supervised> firstReady = new CompletableFuture<>();
    private volatile State state = State.STARTING;
    private volatile @Nullable Tethered process;
    private volatile boolean stopping;
    private volatile @Nullable Thread watcher;

    /**
     * @param say gets each line that a person should see
     * @param changed runs after each change of pid or state
     */
    Supervised(Recipe recipe, Consumer<String> say, Runnable changed) {
        this.recipe = recipe;
        this.say = say;
        this.changed = changed;
    }

    /** Completes when it is ready for the first time, or with the {@link StartFailure}. */
    CompletableFuture<Supervised> start() {
        watcher = Thread.ofVirtual().name("supervise-" + recipe.name()).start(this::supervise);
        return firstReady;
    }

    String name() {
        return recipe.name();
    }

    State state() {
        return state;
    }

    /** 0 when it does not run. */
    long pid() {
        Tethered current = process;
        return current != null && current.isAlive() ? current.pid() : 0;
    }

    /** Ends it for good and returns when it has ended. */
    void stop() {
        stopping = true;
        Tethered current = process;
        if (current != null) {
            current.stop(recipe.grace());
        }
        Thread watching = watcher;
        if (watching != null) {
            watching.interrupt();
        }
        become(State.STOPPED);
    }

    private void supervise() {
        Duration pause = recipe.pause();
        try {
            while (!stopping) {
                pause = runOnce(pause);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException broken) {
            become(State.FAILED);
            firstReady.completeExceptionally(
                    new StartFailure(
                            "%s could not be started: %s."
                                    .formatted(recipe.name(), broken.getMessage()),
                            broken));
        }
    }

    /**
     * Runs it until it ends.
     *
     * @return how long to wait before the next time, should that fail
     */
    private Duration runOnce(Duration pause) throws InterruptedException {
        try {
            awaitRelease();
            Tethered started = recipe.start().get();
            process = started;
            become(State.STARTING);
            if (stopping || !awaitReady(started)) {
                return waited(isTriedAgain(started, pause), pause);
            }
            become(State.READY);
            if (!firstReady.complete(this)) {
                say.accept("%s is ready again (pid %d)".formatted(name(), started.pid()));
            }
            int status = started.await();
            if (!stopping && !recipe.held().getAsBoolean()) {
                say.accept(ended(started, status) + "\n  It is started again.");
            }
            return recipe.pause();
        } catch (RuntimeException broken) {
            if (!firstReady.isDone()) {
                throw broken;
            }
            say.accept("%s could not be started again: %s".formatted(name(), broken.getMessage()));
            return waited(true, pause);
        }
    }

    private Duration waited(boolean triedAgain, Duration pause) throws InterruptedException {
        if (!triedAgain) {
            stopping = true;
            return pause;
        }
        Thread.sleep(pause);
        return longer(pause);
    }

    private void awaitRelease() throws InterruptedException {
        while (recipe.held().getAsBoolean()) {
            if (state != State.HELD) {
                become(State.HELD);
                firstReady.complete(this);
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    private boolean awaitReady(Tethered started) throws InterruptedException {
        long deadline = System.nanoTime() + recipe.patience().toNanos();
        while (System.nanoTime() < deadline) {
            if (!started.isAlive()) {
                return false;
            }
            if (recipe.ready().getAsBoolean()) {
                return true;
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
        return false;
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    /** Whether it was ready before, so that another start may well succeed. */
    private boolean isTriedAgain(Tethered started, Duration pause) throws InterruptedException {
        if (stopping) {
            started.stop(recipe.grace());
            return false;
        }
        String why;
        if (started.isAlive()) {
            why =
                    "%s (pid %d) was not ready within %d s."
                            .formatted(recipe.name(), started.pid(), recipe.patience().toSeconds());
            started.stop(recipe.grace());
        } else {
            why = ended(started, started.await());
        }
        become(State.FAILED);
        if (firstReady.completeExceptionally(new StartFailure(why))) {
            return false;
        }
        say.accept(
                why
                        + "\n  It ended before it was ready and is started again in %d s."
                                .formatted(Math.max(1, pause.toSeconds())));
        return true;
    }

    private String ended(Tethered ended, int status) {
        StringBuilder words =
                new StringBuilder(
                        "%s (pid %d) ended with status %d. The end of %s:"
                                .formatted(recipe.name(), ended.pid(), status, recipe.log()));
        for (String line : Readiness.lastLines(recipe.log(), LINES_SHOWN)) {
            words.append("\n  | ").append(line);
        }
        return words.toString();
    }

    private void become(State next) {
        state = next;
        changed.run();
    }
}
