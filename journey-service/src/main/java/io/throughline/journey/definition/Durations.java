package io.throughline.journey.definition;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Durations as a document writes them: ISO 8601 down to whole seconds, without years and months,
 * which have no fixed length. A day is 24 hours.
 */
final class Durations {

    static final Duration LONGEST = Duration.ofDays(3660);

    static final String EXPECTED = "an ISO 8601 duration such as PT45M, P1D or P1DT12H";

    private static final Pattern SHAPE =
            Pattern.compile(
                    "P(?=[\\dT])(\\d{1,9}D)?(T(?=\\d)(\\d{1,9}H)?(\\d{1,9}M)?(\\d{1,9}S)?)?");

    private Durations() {}

    /** Null where the text is none, or is longer than {@link #LONGEST}. */
    static @Nullable Duration parse(String text) {
        if (!SHAPE.matcher(text).matches()) {
            return null;
        }
        Duration duration = Duration.parse(text);
        return duration.compareTo(LONGEST) > 0 ? null : duration;
    }

    /** The shortest text that reads back as the same duration, as in {@code P1DT12H}. */
    static String write(Duration duration) {
        long days = duration.toDays();
        if (days == 0) {
            return duration.toString();
        }
        Duration rest = duration.minusDays(days);
        return "P" + days + "D" + (rest.isZero() ? "" : rest.toString().substring(1));
    }
}
