package io.throughline.bench;

import java.time.Duration;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies of one kind of request, to the microsecond, up to a minute. */
final class Latencies {

    private final Histogram histogram =
            new ConcurrentHistogram(Duration.ofMinutes(1).toNanos() / 1000, 3);

    void record(long nanos) {
        histogram.recordValue(
                Math.min(Math.max(nanos / 1000, 0), histogram.getHighestTrackableValue()));
    }

    long count() {
        return histogram.getTotalCount();
    }

    /** In milliseconds. */
    double percentile(double percent) {
        return histogram.getValueAtPercentile(percent) / 1000.0;
    }
}
