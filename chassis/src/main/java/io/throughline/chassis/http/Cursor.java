package io.throughline.chassis.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
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

    private static Problem notOurs() {
        return Problem.badRequest(
                "cursor", "expected the value of next from the page before, unchanged");
    }
}
