package io.throughline.identity.engagement;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far a customer is on her way with us. It changes by time alone, so it is told when it is
 * asked for and never stored.
 */
public enum LifecycleStage {
    /** First seen within 30 days. */
    NEW,
    /** Did something within 60 days. */
    ACTIVE,
    /** Did nothing for 60 days. */
    AT_RISK,
    /** Did nothing for 180 days. */
    LAPSED;

    private static final Duration NEW_FOR = Duration.ofDays(30);
    private static final Duration AT_RISK_AFTER = Duration.ofDays(60);
    private static final Duration LAPSED_AFTER = Duration.ofDays(180);

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @param lastSeen of any event, an order among them
     * @param lastEngaged with a message; absent where she never did
     */
    public static LifecycleStage of(
            Instant firstSeen, Instant lastSeen, @Nullable Instant lastEngaged, Instant now) {
        Instant lastActive =
                lastEngaged != null && lastEngaged.isAfter(lastSeen) ? lastEngaged : lastSeen;
        if (isBefore(lastActive, now, LAPSED_AFTER)) {
            return LAPSED;
        }
        if (isBefore(lastActive, now, AT_RISK_AFTER)) {
            return AT_RISK;
        }
        return isBefore(firstSeen, now, NEW_FOR) ? ACTIVE : NEW;
    }

    private static boolean isBefore(Instant at, Instant now, Duration ago) {
        return !at.isAfter(now.minus(ago));
    }
}
