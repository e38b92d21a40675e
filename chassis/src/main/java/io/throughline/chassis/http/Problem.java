package io.throughline.chassis.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A caller's mistake, or ours, told as a problem document (RFC 9457). Thrown where it is found; the
 * chassis renders it as {@code application/problem+json}.
 */
public final class Problem extends RuntimeException {

    private final int status;
    private final String type;
    private final List<FieldError> errors;
    private final @Nullable Duration retryAfter;

    /**
     * What is wrong with one field.
     *
     * @param field path within the body, a query parameter or a header, as in {@code steps[2].wait}
     * @param detail what was expected
     */
    public record FieldError(String field, String detail) {}

    private Problem(
            int status,
            String type,
            String detail,
            List<FieldError> errors,
            @Nullable Duration retryAfter) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
        this.errors = errors;
        this.retryAfter = retryAfter;
    }

    /** The request cannot be understood. */
    public static Problem badRequest(String field, String detail) {
        return of(400, "invalid-request", detail, List.of(new FieldError(field, detail)));
    }

    /** The request is understood and cannot be accepted as it stands. */
    public static Problem unprocessable(String field, String detail) {
        return of(422, "unprocessable", detail, List.of(new FieldError(field, detail)));
    }

    /** Several fields are wrong; all are named at once. */
    public static Problem of(List<FieldError> errors) {
        String detail =
                errors.size() == 1
                        ? errors.getFirst().detail()
                        : errors.size() + " fields are wrong, see errors";
        return of(422, "unprocessable", detail, errors);
    }

    public static Problem notFound(String detail) {
        return of(404, "not-found", detail, List.of());
    }

    public static Problem unauthorized(String detail) {
        return of(401, "unauthorized", detail, List.of());
    }

    public static Problem conflict(String detail) {
        return of(409, "conflict", detail, List.of());
    }

    /**
     * The body is larger than allowed.
     *
     * @param limit in words, as in {@code 500 KB a batch}
     */
    public static Problem tooLarge(String limit) {
        return of(413, "too-large", "the body is larger than allowed: " + limit, List.of());
    }

    public static Problem tooManyRequests(Duration retryAfter) {
        return tooManyRequests(
                "more is under way than can be taken; try again after the time in Retry-After",
                retryAfter);
    }

    /** There was too much of one thing. */
    public static Problem tooManyRequests(String detail, Duration retryAfter) {
        return new Problem(429, "too-many-requests", detail, List.of(), retryAfter);
    }

    /** Something this depends on is away; trying again helps. */
    public static Problem unavailable(String detail) {
        return new Problem(503, "unavailable", detail, List.of(), Duration.ofSeconds(1));
    }

    /**
     * Any other problem.
     *
     * @param type the last part of the stable problem type
     */
    public static Problem of(int status, String type, String detail, List<FieldError> errors) {
        return new Problem(status, type, detail, List.copyOf(errors), null);
    }

    public int status() {
        return status;
    }

    /**
     * Stable name of the kind of problem; {@code https://throughline.io/problems/} stands before it
     * in the document.
     */
    public String type() {
        return type;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public List<FieldError> errors() {
        return errors;
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
