package io.throughline.governance.redis;

import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.governance.rules.QuietCalendar;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.throughline.governance.rules.Rules;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one kind of message as an argument, one a zone where quiet hours apply; Lua has no
 * zone database. Quiet hours are worked out for a while ago rather than for now: this process's
 * clock may run ahead of Redis's, which decides, and would then skip the end of an interval.
 */
final class Terms {

    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(5);
    private static final String OWN = "";

    private record Text(Buffer text, Instant computedFor, Instant goodUntil) {

        boolean goodFor(Instant instant) {
            return !instant.isBefore(computedFor) && instant.isBefore(goodUntil);
        }
    }

    private final byte[] rules;
    private final Buffer withoutQuietHours;
    private final @Nullable QuietHours hours;
    private final ZoneId defaultZone;

    // As many as there are zones.
    private final ConcurrentMap<String, Text> texts = new ConcurrentHashMap<>();

    Terms(Rules rules, Duration patience, Duration ttl) {
        this.rules = GateBytes.rules(rules, patience, ttl);
        this.withoutQuietHours = Buffer.buffer(this.rules);
        this.hours = rules.quietHours();
        this.defaultZone = rules.defaultZone();
    }

    /**
     * @param zone absent for the policy's own
     */
    Buffer at(@Nullable ZoneId zone, Instant now) {
        QuietHours quiet = hours;
        if (quiet == null) {
            return withoutQuietHours;
        }
        Instant instant = now.minus(CLOCK_DIFFERENCE);
        String name = zone == null ? OWN : zone.getId();
        Text held = texts.get(name);
        if (held == null || !held.goodFor(instant)) {
            held = text(quiet, zone == null ? defaultZone : zone, name, instant);
            texts.put(name, held);
        }
        return held.text();
    }

    private Text text(QuietHours quiet, ZoneId zone, String name, Instant instant) {
        List<Interval> intervals = QuietCalendar.around(quiet, zone, instant);
        Buffer text =
                Buffer.buffer(rules)
                        .appendBytes(
                                GateBytes.quiet(
                                        quiet + " " + defaultZone, instant, intervals, name));
        return new Text(text, instant, intervals.getFirst().until());
    }
}
