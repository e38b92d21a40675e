package io.throughline.channel.http;

import io.throughline.chassis.http.Problem;
import java.util.regex.Pattern;

/** The keys that people give to what they manage. */
final class Keys {

    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

    private Keys() {}

    /**
     * @throws Problem 400 naming {@code key}
     */
    static void check(String key) {
        if (!KEY.matcher(key).matches()) {
            throw Problem.badRequest(
                    "key",
                    "expected up to 100 lower-case letters, digits, dots, hyphens and underscores");
        }
    }
}
