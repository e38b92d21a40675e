package io.throughline.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * When a process was seen to hang, by asking it again and again for something that costs it
 * nothing. What it stamps with the time may have waited for as long; on a machine without a free
 * core that is longer than one would think.
 */
final class Stalls implements AutoCloseable {

    /** An answer that takes no longer tells of nothing. */
    private static final Duration USUAL = Duration.ofMillis(200);

    /** What came meanwhile is worked off by then. */
    private static final Duration AFTERMATH = Duration.ofMillis(500);

    private static final long LOOK_AGAIN_MILLIS = 50;

    /** From the sending of the question to the answer. */
    private record Stall(Instant from, Instant to) {

        Duration length() {
            return Duration.between(from, to);
        }

        boolean meets(Instant at) {
            return !at.isBefore(from) && at.isBefore(to.plus(AFTERMATH));
        }
    }

    private final Runnable question;
    private final List<Stall> seen = new ArrayList<>();
    private final Thread asking;

    /**
     * @param question returns with the answer
     */
    Stalls(Runnable question) {
        this.question = question;
        this.asking = Thread.ofPlatform().daemon().name("stalls").start(this::ask);
    }

    private void ask() {
        try {
            while (true) {
                Instant from = Instant.now();
                answered();
                note(from, Instant.now());
                Thread.sleep(LOOK_AGAIN_MILLIS);
            }
        } catch (InterruptedException ended) {
            // Nothing is stamped any more either.
        }
    }

    private void answered() {
        try {
            question.run();
        } catch (RuntimeException given) {
            // It was waited for all the same.
        }
    }

    synchronized void note(Instant from, Instant to) {
        Stall stall = new Stall(from, to);
        if (stall.length().compareTo(USUAL) > 0) {
            seen.add(stall);
        }
    }

    /** For how long something that was stamped then may have waited for it. */
    synchronized Duration before(Instant stamped) {
        return seen.stream()
                .filter(stall -> stall.meets(stamped))
                .map(stall -> Duration.between(stall.from(), stamped))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    synchronized Duration longest() {
        return seen.stream().map(Stall::length).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        asking.interrupt();
    }
}
