package io.throughline.channel.http;

import io.throughline.chassis.http.Problem;

/** How long a page may be. */
final class Limits {

    private static final int MOST = 200;

    private Limits() {}

    /**
     * @throws Problem 400 naming {@code limit}
     */
    static int checked(int limit) {
        if (limit < 1 || limit > MOST) {
            throw Problem.badRequest("limit", "expected 1 to " + MOST);
        }
        return limit;
    }
}
