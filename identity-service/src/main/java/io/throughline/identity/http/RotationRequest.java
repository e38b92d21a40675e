package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * How a key is to be replaced.
 *
 * @param grace how long the keys before go on, in ISO 8601
 */
record RotationRequest(@Nullable String grace) {

    private static final Duration USUAL = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofDays(90);

    /**
     * @throws Problem naming {@code grace}
     */
    static Duration checkedGrace(@Nullable RotationRequest request) {
        String text = request == null ? null : request.grace();
        if (text == null) {
            return USUAL;
        }
        try {
            Duration grace = Duration.parse(text);
            if (!grace.isNegative() && grace.compareTo(LONGEST) <= 0) {
                return grace;
            }
        } catch (DateTimeParseException e) {
            throw expected();
        }
        throw expected();
    }

    private static Problem expected() {
        return Problem.unprocessable(
                "grace", "expected an ISO 8601 duration from PT0S to P90D, as in P7D");
    }
}
