package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.store.SourceStore;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A source as a caller describes it.
 *
 * @param name for a new one only
 * @param trust {@code trusted} or {@code claimed}
 */
record SourceRequest(
        @Nullable String name,
        @Nullable String description,
        @Nullable String trust,
        @Nullable Boolean disabled) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final int MAX_DESCRIPTION = 500;

    /** A new source, as it should be. */
    record New(String name, @Nullable String description, Trust trust) {}

    /**
     * @throws Problem naming every field that is wrong
     */
    static New checkedNew(@Nullable SourceRequest request) {
        SourceRequest source = present(request);
        List<FieldError> errors = new ArrayList<>();
        if (source.name() == null || !NAME.matcher(source.name()).matches()) {
            errors.add(
                    new FieldError(
                            "name",
                            "expected up to 63 lower-case letters, digits, dots, hyphens and underscores"));
        }
        if (source.disabled() != null) {
            errors.add(new FieldError("disabled", "a new source is enabled; leave it out"));
        }
        Trust trust = source.checkedTrust(errors);
        source.checkDescription(errors);
        refuse(errors);
        return new New(
                String.valueOf(source.name()),
                source.description(),
                trust == null ? Trust.TRUSTED : trust);
    }

    /**
     * @throws Problem naming every field that is wrong
     */
    static SourceStore.Change checkedChange(@Nullable SourceRequest request) {
        SourceRequest source = present(request);
        List<FieldError> errors = new ArrayList<>();
        if (source.name() != null) {
            errors.add(new FieldError("name", "a source keeps its name; leave it out"));
        }
        Trust trust = source.checkedTrust(errors);
        source.checkDescription(errors);
        refuse(errors);
        return new SourceStore.Change(source.description(), trust, source.disabled());
    }

    private static SourceRequest present(@Nullable SourceRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        return request;
    }

    private @Nullable Trust checkedTrust(List<FieldError> errors) {
        if (trust == null) {
            return null;
        }
        try {
            return Trust.of(trust);
        } catch (IllegalArgumentException e) {
            errors.add(new FieldError("trust", String.valueOf(e.getMessage())));
            return null;
        }
    }

    private void checkDescription(List<FieldError> errors) {
        if (description != null
                && (description.length() > MAX_DESCRIPTION || description.indexOf(0) >= 0)) {
            errors.add(
                    new FieldError(
                            "description",
                            "expected at most "
                                    + MAX_DESCRIPTION
                                    + " characters and none of them U+0000"));
        }
    }

    private static void refuse(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
    }
}
