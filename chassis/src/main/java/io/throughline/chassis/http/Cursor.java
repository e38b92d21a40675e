package io.throughline.chassis.http;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The position in a list, opaque to callers so that it may change. */
public final class Cursor {

    private Cursor() {}

    public static String encode(String position) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(position.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The position, or null where the list starts.
     *
     * @throws Problem 400 naming {@code cursor} when it is not one of ours
     */
    public static @Nullable String decode(@Nullable String cursor) {
        if (cursor == null || cursor.isEmpty()) {
            return null;
        }
        String position;
        try {
            position = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw notOurs();
        }
        if (position.indexOf(0) >= 0) {
            throw notOurs();
        }
        return position;
    }

    /**
     * The position in a list that is in the order of times, which is written as the time, a slash
     * and what else it takes; null where the list starts.
     *
     * @param position made of both; what it cannot read it refuses as an argument
     * @throws Problem 400 naming {@code cursor} when it is not one of ours
     */
    public static <P> @Nullable P timed(
            @Nullable String cursor, BiFunction<Instant, String, P> position) {
        String text = decode(cursor);
        if (text == null) {
            return null;
        }
        int slash = Math.max(text.indexOf('/'), 0);
        try {
            Instant time = Instant.parse(text.substring(0, slash));
            if (Times.isWithinBounds(time)) {
                return position.apply(time, text.substring(slash + 1));
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            throw notOurs();
        }
        throw notOurs();
    }

    private static Problem notOurs() {
        return Problem.badRequest(
                "cursor", "expected the value of next from the page before, unchanged");
    }
}
