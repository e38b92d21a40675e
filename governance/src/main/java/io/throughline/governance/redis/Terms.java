package io.throughline.governance.redis;

import io.throughline.contracts.Whereabouts;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.throughline.governance.rules.QuietRules;
import io.throughline.governance.rules.Rules;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The rules of one kind of message as an argument, one for all whereabouts where quiet hours apply;
 * Lua has no zone database. Quiet hours are worked out for a while ago rather than for now: this
 * process's clock may run ahead of Redis's, which decides, and would then skip the end of an
 * interval.
 */
final class Terms {

    /** Of whom nothing is known. */
    static final String NOWHERE = Whereabouts.UNKNOWN.text();

    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(5);

    /** More than customers of one business are spread over; past it all are worked out again. */
    private static final int MOST_HELD = 4096;

    private record Text(Buffer text, Instant computedFor, Instant goodUntil) {

        boolean goodFor(Instant instant) {
            return !instant.isBefore(computedFor) && instant.isBefore(goodUntil);
        }
    }

    private final byte[] rules;
    private final Buffer withoutQuietHours;
    private final QuietRules quiet;
    private final ConcurrentMap<String, Text> texts = new ConcurrentHashMap<>();

    Terms(Rules rules, Duration patience, Duration ttl) {
        this.rules = GateBytes.rules(rules, patience, ttl);
        this.withoutQuietHours = Buffer.buffer(this.rules);
        this.quiet = rules.quiet();
    }

    /**
     * @param where whereabouts, to the byte as the gate holds them
     */
    Buffer at(String where, Instant now) {
        if (quiet.isEmpty()) {
            return withoutQuietHours;
        }
        Instant instant = now.minus(CLOCK_DIFFERENCE);
        Text held = texts.get(where);
        if (held == null || !held.goodFor(instant)) {
            held = text(where, instant);
            if (texts.size() >= MOST_HELD) {
                texts.clear();
            }
            texts.put(where, held);
        }
        return held.text();
    }

    private Text text(String where, Instant instant) {
        List<Interval> intervals = quiet.around(Whereabouts.of(where), instant);
        Buffer text =
                Buffer.buffer(rules)
                        .appendBytes(GateBytes.quiet(quiet.toString(), instant, intervals, where));
        Instant first = intervals.getFirst().until();
        Instant last = intervals.getLast().until();
        return new Text(text, instant, first.isBefore(last) ? first : last);
    }
}
