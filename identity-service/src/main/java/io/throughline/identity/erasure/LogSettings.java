package io.throughline.identity.erasure;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * For how long a topic keeps its records.
 *
 * @param retention negative for ever; of a compacted topic, within which time what is overwritten
 *     is compacted
 * @param segment a log is dropped by whole segments, whose newest record decides: the oldest stays
 *     for this much longer
 * @param compacted whether only what is overwritten goes
 */
public record LogSettings(Duration retention, Duration segment, boolean compacted) {

    /** How often brokers look for what can be dropped, generously. */
    private static final Duration LOOKED_AT_EVERY = Duration.ofMinutes(10);

    /** When no log keeps a record from before an instant; null where one keeps it for ever. */
    public static @Nullable Instant gone(Collection<LogSettings> logs, Instant from) {
        Instant gone = from;
        for (LogSettings log : logs) {
            if (log.retention().isNegative()) {
                return null;
            }
            Instant of = from.plus(log.retention()).plus(log.segment()).plus(LOOKED_AT_EVERY);
            gone = of.isAfter(gone) ? of : gone;
        }
        return gone;
    }
}
