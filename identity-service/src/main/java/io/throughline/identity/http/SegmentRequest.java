package io.throughline.identity.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.identity.segment.SegmentCondition;
import io.throughline.identity.segment.SegmentForm;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A segment as a caller writes it: the condition as CEL in {@code when}, or in its JSON form in
 * {@code condition}.
 *
 * @param name for people
 */
record SegmentRequest(
        @Nullable String name,
        @Nullable String description,
        @Nullable String when,
        @Nullable JsonNode condition) {

    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_DESCRIPTION = 2_000;
    private static final int LONGEST_CONDITION = 20_000;

    /**
     * A request that was understood.
     *
     * @param document the JSON form, as JSON; absent where it was written in CEL
     */
    record Checked(SegmentCondition condition, @Nullable String document) {}

    /**
     * Understands a request.
     *
     * @throws Problem naming every field that is wrong
     */
    static Checked checked(@Nullable SegmentRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a segment as a JSON object");
        }
        List<FieldError> errors = new ArrayList<>();
        tooLong("name", request.name(), LONGEST_NAME, errors);
        tooLong("description", request.description(), LONGEST_DESCRIPTION, errors);
        JsonNode form = request.condition();
        boolean hasForm = form != null && !form.isNull();
        if (hasForm == (request.when() != null)) {
            errors.add(
                    new FieldError(
                            "when",
                            "expected either when, a condition in CEL, or condition, the same in JSON"));
        }
        String text = "";
        if (hasForm && form != null) {
            SegmentForm.Written written = SegmentForm.write(form, "condition");
            written.flaws().forEach(f -> errors.add(new FieldError(f.field(), f.detail())));
            text = written.text();
        } else if (request.when() != null) {
            text = request.when().strip();
        }
        String field = hasForm ? "condition" : "when";
        tooLong(field, text, LONGEST_CONDITION, errors);
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
        return new Checked(compiled(field, text), hasForm ? String.valueOf(form) : null);
    }

    private static SegmentCondition compiled(String field, String text) {
        try {
            return SegmentCondition.of(text);
        } catch (ExpressionException e) {
            throw Problem.unprocessable(field, String.valueOf(e.getMessage()));
        }
    }

    private static void tooLong(
            String field, @Nullable String text, int longest, List<FieldError> errors) {
        if (text != null && text.length() > longest) {
            errors.add(new FieldError(field, "expected at most " + longest + " characters"));
        }
    }
}
