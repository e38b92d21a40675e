package io.throughline.chassis.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * Times that callers give: from 1970 and before 2200, as the tracking API takes them. {@link
 * Instant} goes on for a billion years in either direction, the database and sums of times do not.
 */
public final class Times {

    private static final Instant EARLIEST = Instant.EPOCH;
    private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");
    private static final int A_DAY = "2026-11-23".length();

    private Times() {}

    /**
     * A time, or the first of a day in UTC.
     *
     * @throws Problem 400 naming the field when it is none, or out of bounds
     */
    public static Instant read(String field, String text) {
        Instant time;
        try {
            time =
                    text.length() == A_DAY
                            ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                            : Instant.parse(text);
        } catch (DateTimeException e) {
            throw Problem.badRequest(
                    field,
                    "expected a time such as 2026-11-23T10:00:00Z or a day such as 2026-11-23");
        }
        return checked(field, time);
    }

    /**
     * The time itself.
     *
     * @throws Problem 400 naming the field when it is out of bounds
     */
    public static Instant checked(String field, Instant time) {
        if (!isWithinBounds(time)) {
            throw Problem.badRequest(field, "expected a time between 1970 and 2200");
        }
        return time;
    }

    static boolean isWithinBounds(Instant time) {
        return !time.isBefore(EARLIEST) && time.isBefore(LATEST);
    }
}
