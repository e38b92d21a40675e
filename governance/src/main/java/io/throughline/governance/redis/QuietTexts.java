package io.throughline.governance.redis;

import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.governance.rules.QuietCalendar;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * One policy's quiet hours as arguments, one a zone; Lua has no zone database. Worked out for a
 * while ago rather than for now: this process's clock may run ahead of Redis's, which decides, and
 * would then skip the end of an interval.
 */
final class QuietTexts {

    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(5);
    private static final String OWN = "";

    private record Text(Buffer text, Instant computedFor, Instant goodUntil) {

        boolean goodFor(Instant instant) {
            return !instant.isBefore(computedFor) && instant.isBefore(goodUntil);
        }
    }

    private final QuietHours hours;
    private final ZoneId defaultZone;

    // As many as there are zones.
    private final ConcurrentMap<String, Text> texts = new ConcurrentHashMap<>();

    QuietTexts(QuietHours hours, ZoneId defaultZone) {
        this.hours = hours;
        this.defaultZone = defaultZone;
    }

    /**
     * @param zone absent for the policy's own
     */
    Buffer at(@Nullable ZoneId zone, Instant now) {
        Instant instant = now.minus(CLOCK_DIFFERENCE);
        String name = zone == null ? OWN : zone.getId();
        Text held = texts.get(name);
        if (held == null || !held.goodFor(instant)) {
            List<Interval> intervals =
                    QuietCalendar.around(hours, zone == null ? defaultZone : zone, instant);
            held =
                    new Text(
                            Buffer.buffer(GateBytes.quiet(intervals, name)),
                            instant,
                            intervals.getFirst().until());
            texts.put(name, held);
        }
        return held.text();
    }
}
