package io.throughline.journey.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.journey.definition.Parsed.Flaw;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One object of the tree and where it stands. Each read checks the value; what is wrong goes to the
 * shared list of flaws and null comes back, so that one pass finds everything.
 */
final class Fields {

    private static final int MAX_TEXT = 200;
    private static final int MAX_CONDITION = 4_000;
    private static final Pattern AMOUNT = Pattern.compile("\\d{1,9}(\\.\\d{1,2})?");

    private final JsonNode node;
    private final String path;
    private final List<Flaw> flaws;

    /**
     * @param known the keys it may have; any other is a flaw
     */
    Fields(JsonNode node, String path, Set<String> known, List<Flaw> flaws) {
        this.node = node;
        this.path = path;
        this.flaws = flaws;
        if (!node.isObject()) {
            flaw(path, "expected an object with " + listed(known) + ", was " + shown(node));
            return;
        }
        node.fieldNames()
                .forEachRemaining(key -> {
                    if (!known.contains(key)) {
                        flaw(
                                at(key),
                                "unknown key '" + key + "', expected one of " + listed(known));
                    }
                });
    }

    boolean isObject() {
        return node.isObject();
    }

    boolean has(String key) {
        return node.has(key);
    }

    String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    void flaw(String field, String detail) {
        flaws.add(new Flaw(field.isEmpty() ? JourneyParser.WHOLE : field, detail));
    }

    /** The value as it is; missing where there is none. */
    JsonNode raw(String key) {
        JsonNode value = node.get(key);
        return value == null ? MissingNode.getInstance() : value;
    }

    /** Says that the key is missing, unless it is there or this is no object anyway. */
    boolean requires(String key, String expected) {
        if (node.isObject() && !node.has(key)) {
            flaw(at(key), "is missing, expected " + expected);
        }
        return node.has(key);
    }

    @Nullable String text(String key, String expected) {
        JsonNode value = node.get(key);
        if (value == null) {
            return null;
        }
        if (!value.isTextual() || value.asText().isBlank()) {
            flaw(at(key), "expected " + expected + ", was " + shown(value));
            return null;
        }
        return value.asText();
    }

    @Nullable String requiredText(String key, String expected) {
        return requires(key, expected) ? text(key, expected) : null;
    }

    /** A name for people or of an event. */
    @Nullable String requiredName(String key, String expected) {
        String text = requiredText(key, expected);
        if (text != null && text.length() > MAX_TEXT) {
            flaw(at(key), "expected at most " + MAX_TEXT + " characters, was " + text.length());
            return null;
        }
        return text;
    }

    @Nullable String matching(String key, Pattern shape, String expected) {
        String text = text(key, expected);
        if (text != null && !shape.matcher(text).matches()) {
            flaw(at(key), "expected " + expected + ", was '" + clipped(text) + "'");
            return null;
        }
        return text;
    }

    /** One of a closed list of words. */
    <T> @Nullable T word(String key, String expected, Function<String, T> read) {
        String text = text(key, expected);
        if (text == null) {
            return null;
        }
        try {
            return read.apply(text);
        } catch (IllegalArgumentException e) {
            flaw(at(key), String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** Longer than nothing. */
    @Nullable Duration duration(String key) {
        Duration duration = durationOrZero(key);
        if (duration != null && duration.isZero()) {
            flaw(at(key), "expected a duration longer than nothing");
            return null;
        }
        return duration;
    }

    @Nullable Duration durationOrZero(String key) {
        String text = text(key, Durations.EXPECTED);
        if (text == null) {
            return null;
        }
        Duration duration = Durations.parse(text);
        if (duration == null) {
            flaw(
                    at(key),
                    "expected "
                            + Durations.EXPECTED
                            + ", at most "
                            + Durations.write(Durations.LONGEST)
                            + ", was '"
                            + clipped(text)
                            + "'");
        }
        return duration;
    }

    /** A CEL expression that compiles. */
    @Nullable String expression(String key, Set<String> variables) {
        return expression(key, variables, source -> Expression.compile(source, variables));
    }

    /** A CEL expression that compiles and can be true. */
    @Nullable String condition(String key, Set<String> variables) {
        return expression(key, variables, source -> Expression.compileCondition(source, variables));
    }

    /** Compiles an expression, to see whether it does. */
    private interface Compiling {
        Expression compile(String source) throws ExpressionException;
    }

    private @Nullable String expression(String key, Set<String> variables, Compiling compiling) {
        String expected = "a CEL expression over " + listed(variables);
        String source = text(key, expected);
        if (source == null) {
            return null;
        }
        if (source.length() > MAX_CONDITION) {
            flaw(at(key), "expected at most " + MAX_CONDITION + " characters");
            return null;
        }
        try {
            var _ = compiling.compile(source);
            return source;
        } catch (ExpressionException e) {
            flaw(at(key), "expected " + expected + "; " + e.getMessage());
            return null;
        }
    }

    /** A whole number between two others, both included. */
    @Nullable Integer number(String key, int least, int most) {
        JsonNode value = node.get(key);
        if (value == null) {
            return null;
        }
        BigDecimal number = value.isNumber() ? value.decimalValue() : null;
        if (number == null
                || number.stripTrailingZeros().scale() > 0
                || number.compareTo(BigDecimal.valueOf(least)) < 0
                || number.compareTo(BigDecimal.valueOf(most)) > 0) {
            flaw(
                    at(key),
                    "expected a whole number from "
                            + least
                            + " to "
                            + most
                            + ", was "
                            + shown(value));
            return null;
        }
        return number.intValueExact();
    }

    /** An amount of money without a currency: a decimal, as number or text. */
    @Nullable BigDecimal amount(String key) {
        JsonNode value = node.get(key);
        if (value == null) {
            return null;
        }
        String text = value.isNumber() || value.isTextual() ? value.asText() : "";
        if (!AMOUNT.matcher(text).matches()) {
            flaw(
                    at(key),
                    "expected a decimal from 0 to 999999999.99 with at most two decimals, as in"
                            + " 12.50, was "
                            + shown(value));
            return null;
        }
        BigDecimal amount = new BigDecimal(text);
        return amount.signum() == 0 ? BigDecimal.ZERO : amount.stripTrailingZeros();
    }

    /** The items of a list; none, and a flaw, where it is something else. */
    List<JsonNode> items(String key, String expected) {
        JsonNode value = raw(key);
        if (value.isMissingNode()) {
            return List.of();
        }
        if (!value.isArray()) {
            flaw(at(key), "expected " + expected + ", was " + shown(value));
            return List.of();
        }
        List<JsonNode> items = new ArrayList<>();
        value.forEach(items::add);
        return items;
    }

    static String listed(Set<String> words) {
        return String.join(", ", words.stream().sorted().toList());
    }

    static String shown(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL, MISSING -> "nothing";
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> value.asText().isBlank() ? "empty" : "'" + clipped(value.asText()) + "'";
            default -> clipped(value.asText());
        };
    }

    private static String clipped(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
