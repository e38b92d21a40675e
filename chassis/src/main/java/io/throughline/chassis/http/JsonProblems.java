package io.throughline.chassis.http;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.throughline.contracts.json.JsonMistake;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says of a JSON body what was expected where, to somebody who knows no Java. */
final class JsonProblems {

    private static final int LONGEST_VALUE = 50;

    private JsonProblems() {}

    static Problem of(JsonProcessingException e) {
        if (e instanceof JsonMappingException mapping
                && !(e.getCause() instanceof JsonParseException)) {
            String path = pathOf(mapping);
            return Problem.badRequest(path.isEmpty() ? "body" : path, expected(mapping));
        }
        JsonProcessingException malformed =
                e.getCause() instanceof JsonParseException parse ? parse : e;
        return Problem.badRequest(
                "body",
                "not well-formed JSON" + placeOf(malformed) + ": " + JsonMistake.of(malformed));
    }

    private static String expected(JsonMappingException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                    "is not known here, expected "
                            + (unknown.getKnownPropertyIds() == null
                                    ? "another field"
                                    : unknown.getKnownPropertyIds().stream()
                                            .map(String::valueOf)
                                            .sorted()
                                            .collect(Collectors.joining(", ", "one of ", "")));
            case InvalidFormatException format ->
                    "expected "
                            + kindOf(format.getTargetType())
                            + ", was '"
                            + beginning(String.valueOf(format.getValue()))
                            + "'";
            case ValueInstantiationException value when isOfJava(value) ->
                    "expected " + kindOf(value.getType().getRawClass());
            case ValueInstantiationException value
                    when value.getCause() instanceof IllegalArgumentException cause
                            && cause.getMessage() != null ->
                    cause.getMessage();
            case MismatchedInputException other when other.getTargetType() != null ->
                    "expected " + kindOf(other.getTargetType());
            default -> JsonMistake.of(e);
        };
    }

    /** Java's own words about an enum, which are for programmers. */
    private static boolean isOfJava(ValueInstantiationException e) {
        return e.getType().isEnumType()
                && e.getCause() instanceof IllegalArgumentException cause
                && String.valueOf(cause.getMessage()).startsWith("No enum constant");
    }

    private static String kindOf(@Nullable Class<?> type) {
        if (type == null) {
            return "another value";
        }
        if (type == Duration.class) {
            return "an ISO 8601 duration, as in PT45M or P1D";
        }
        if (type == Instant.class) {
            return "an ISO 8601 time, as in 2026-11-23T10:00:00Z";
        }
        if (type == LocalTime.class) {
            return "a local time, as in 21:00";
        }
        if (type == UUID.class) {
            return "a UUID";
        }
        if (type == String.class) {
            return "a string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (isWhole(type)) {
            return "a whole number";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a number";
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(word -> word.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return type.isArray() || Collection.class.isAssignableFrom(type) ? "a list" : "an object";
    }

    private static boolean isWhole(Class<?> type) {
        return type == Integer.class
                || type == int.class
                || type == Long.class
                || type == long.class
                || type == Short.class
                || type == short.class;
    }

    private static String pathOf(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference reference : e.getPath()) {
            if (reference.getFieldName() == null) {
                path.append('[').append(reference.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(reference.getFieldName());
            }
        }
        return path.toString();
    }

    private static String placeOf(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line "
                        + e.getLocation().getLineNr()
                        + ", column "
                        + e.getLocation().getColumnNr();
    }

    private static String beginning(String text) {
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }
}
