package io.throughline.bench;

import java.time.Duration;

/**
 * What a run of requests gave.
 *
 * @param took from the first request to the last answer
 * @param failures requests that were not answered as expected; they are not in the latencies
 */
record Outcome(Duration took, Latencies latencies, long failures) {

    double perSecond() {
        return latencies.count() / (took.toNanos() / 1e9);
    }

    /**
     * @throws IllegalStateException when anything failed, since a figure of failures is none
     */
    Outcome withoutFailures(String what) {
        if (failures > 0) {
            throw new IllegalStateException(
                    "%d of %d requests failed: %s"
                            .formatted(failures, failures + latencies.count(), what));
        }
        return this;
    }
}
