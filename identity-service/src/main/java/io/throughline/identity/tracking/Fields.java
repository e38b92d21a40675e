package io.throughline.identity.tracking;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object, read field by field; what is not as expected is noted under its path. An
 * explicit null is the same as an absent field.
 */
record Fields(String path, Map<String, Object> values, List<Fault> faults) {

    /** ISO 8601 as it is met: with a zone, with {@code +0200}, with a blank for the T. */
    private static final DateTimeFormatter WITH_OFFSET =
            DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd['T'][' ']HH:mm[:ss][.SSSSSSSSS][.SSSSSSSS][.SSSSSSS][.SSSSSS][.SSSSS][.SSSS][.SSS][.SS][.S][XXX][XX][X]");

    private static final int SHORTEST_INSTANT = "2026-11-23T10:00:00Z".length();

    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

    /** Text, also where a whole number was sent for it, as servers do with user ids. */
    @Nullable String text(String name) {
        return switch (values.get(name)) {
            case null -> null;
            case String s -> s;
            case Integer i -> i.toString();
            case Long l -> l.toString();
            case Object other -> {
                fault(name, "expected a string, was " + kindOf(other));
                yield null;
            }
        };
    }

    /** Text of at most so many characters. */
    @Nullable String text(String name, int max) {
        String text = text(name);
        if (text != null && text.length() > max) {
            fault(name, "expected at most " + max + " characters, were " + text.length());
            return null;
        }
        return text;
    }

    /** Text that has to be there. */
    String required(String name, int max, String what) {
        int before = faults.size();
        String text = text(name, max);
        if (text == null || text.isBlank()) {
            if (faults.size() == before) {
                fault(name, "expected " + what + ", was missing");
            }
            return "";
        }
        return text;
    }

    /** An object; empty where it is absent. */
    @SuppressWarnings("unchecked")
    Map<String, Object> object(String name) {
        return switch (values.get(name)) {
            case null -> Map.of();
            case Map<?, ?> map -> (Map<String, Object>) map;
            case Object other -> {
                fault(name, "expected an object, was " + kindOf(other));
                yield Map.of();
            }
        };
    }

    @Nullable Instant instant(String name) {
        Object value = values.get(name);
        if (value == null) {
            return null;
        }
        Instant instant = value instanceof String text ? parse(text.strip()) : null;
        if (instant == null || instant.isBefore(EARLIEST) || !instant.isBefore(LATEST)) {
            fault(
                    name,
                    "expected an ISO 8601 time between 1970 and 2200, as in 2026-11-23T10:00:00.120Z");
            return null;
        }
        return instant;
    }

    void fault(String name, String expected) {
        faults.add(new Fault(path.isEmpty() ? name : path + "." + name, expected));
    }

    static String kindOf(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String s -> "a string";
            case BigDecimal d -> "a fraction";
            case Number n -> "a number";
            case Boolean b -> "a boolean";
            case List<?> l -> "an array";
            default -> "an object";
        };
    }

    private static @Nullable Instant parse(String text) {
        return text.endsWith("Z") && text.length() >= SHORTEST_INSTANT
                ? parseInstant(text)
                : parseAny(text);
    }

    /** What most senders write, in a fraction of the time. */
    private static @Nullable Instant parseInstant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return parseAny(text);
        }
    }

    private static @Nullable Instant parseAny(String text) {
        try {
            var parsed = WITH_OFFSET.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
            return parsed instanceof OffsetDateTime time
                    ? time.toInstant()
                    : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            return parseDate(text);
        }
    }

    private static @Nullable Instant parseDate(String text) {
        try {
            return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
