package io.throughline.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The rounds of one thing. What it gave is the median over the rounds, so that a round in which
 * something else took the machine does not count.
 */
record Series(List<Outcome> rounds) {

    private static final double GAIN = 1.03;
    private static final int ROUNDS_WITHOUT_GAIN = 2;

    /** A round of something. */
    @FunctionalInterface
    interface Round {
        Outcome run() throws InterruptedException;
    }

    /** Ours, and the limit it is held against. */
    record Both(Series ours, Series limit) {}

    /**
     * Measures two things in turn, and the other one first in every second round, so that what
     * changes on the machine meanwhile meets both.
     *
     * @param before done before each round of the two
     */
    static Both alternating(int rounds, Runnable before, Round ours, Round limit)
            throws InterruptedException {
        List<Outcome> our = new ArrayList<>(rounds);
        List<Outcome> their = new ArrayList<>(rounds);
        for (int i = 0; i < rounds; i++) {
            before.run();
            if (i % 2 == 0) {
                our.add(ours.run());
                their.add(limit.run());
            } else {
                their.add(limit.run());
                our.add(ours.run());
            }
        }
        return new Both(new Series(our), new Series(their));
    }

    /**
     * Runs something until it does not get faster any more, because a compiler that is still at
     * work is not what is to be measured.
     *
     * @param most rounds after which it is given up to wait for that
     */
    static void warmUp(int most, Round round) throws InterruptedException {
        double best = 0;
        int withoutGain = 0;
        for (int i = 0; i < most && withoutGain < ROUNDS_WITHOUT_GAIN; i++) {
            double now = round.run().perSecond();
            withoutGain = now > best * GAIN ? 0 : withoutGain + 1;
            best = Math.max(best, now);
        }
    }

    double perSecond() {
        return median(Outcome::perSecond);
    }

    /** In milliseconds. */
    double percentile(double percent) {
        return median(outcome -> outcome.latencies().percentile(percent));
    }

    /** The middle one; of an even number the mean of the two in the middle. */
    double median(ToDoubleFunction<Outcome> of) {
        double[] sorted = rounds.stream().mapToDouble(of).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
