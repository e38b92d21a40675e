package io.throughline.identity.segment;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.contracts.Channel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The JSON form of a condition, written as CEL. What it cannot be read as is collected, all at
 * once.
 */
public final class SegmentForm {

    private static final int DEEPEST = 20;
    private static final int MOST_VALUES = 1_000;
    private static final int LONGEST_TEXT = 1_000;

    private static final Map<String, String> ORDER =
            Map.of("lt", "<", "lte", "<=", "gt", ">", "gte", ">=");

    private static final Set<String> COMPARISONS =
            Set.of("eq", "ne", "in", "contains", "exists", "lt", "lte", "gt", "gte");

    private static final Set<String> STATES = Set.of("opted_in", "opted_out", "unknown");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** What CEL keeps for itself. */
    private static final Set<String> RESERVED =
            Set.of(
                    "as",
                    "break",
                    "const",
                    "continue",
                    "else",
                    "false",
                    "for",
                    "function",
                    "if",
                    "import",
                    "in",
                    "let",
                    "loop",
                    "package",
                    "namespace",
                    "null",
                    "return",
                    "true",
                    "var",
                    "void",
                    "while");

    private final List<Flaw> flaws = new ArrayList<>();

    private SegmentForm() {}

    /**
     * What is wrong with one field.
     *
     * @param field as in {@code condition.all[1].count}
     */
    public record Flaw(String field, String detail) {}

    /**
     * @param text the condition as CEL; of no use where there are flaws
     */
    public record Written(String text, List<Flaw> flaws) {}

    /**
     * Writes a condition as CEL.
     *
     * @param field where it stands, for what is wrong with it
     */
    public static Written write(JsonNode condition, String field) {
        SegmentForm form = new SegmentForm();
        String text = form.condition(condition, field, 0);
        return new Written(text, List.copyOf(form.flaws));
    }

    private enum Kind {
        ALL,
        ANY,
        NOT,
        TRAIT,
        EVENT,
        CONSENT,
        SCORE,
        SEGMENT;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        Set<String> fields() {
            Set<String> fields = new HashSet<>();
            fields.add(word());
            switch (this) {
                case TRAIT -> {
                    fields.addAll(COMPARISONS);
                    fields.add("within");
                }
                case EVENT -> fields.addAll(List.of("within", "where", "count", "sum", "last"));
                case CONSENT -> fields.addAll(List.of("topic", "is"));
                case SCORE -> fields.addAll(COMPARISONS);
                case ALL, ANY, NOT, SEGMENT -> {}
            }
            return fields;
        }
    }

    private String condition(JsonNode node, String at, int depth) {
        Optional<Kind> kind =
                Arrays.stream(Kind.values()).filter(k -> node.has(k.word())).findFirst();
        if (!node.isObject() || kind.isEmpty()) {
            return flaw(
                    at,
                    "expected an object with one of "
                            + Arrays.stream(Kind.values())
                                    .map(Kind::word)
                                    .collect(Collectors.joining(", ")));
        }
        if (depth == DEEPEST) {
            return flaw(at, "expected at most " + DEEPEST + " conditions within each other");
        }
        only(node, kind.get().fields(), at);
        return switch (kind.get()) {
            case ALL -> joined(node.get("all"), " && ", at + ".all", depth);
            case ANY -> joined(node.get("any"), " || ", at + ".any", depth);
            case NOT -> "!(" + condition(node.get("not"), at + ".not", depth + 1) + ")";
            case TRAIT -> trait(node, at);
            case EVENT -> event(node, at);
            case CONSENT -> consent(node, at);
            case SCORE -> score(node, at);
            case SEGMENT -> segment(node, at);
        };
    }

    private String joined(JsonNode conditions, String by, String at, int depth) {
        if (!conditions.isArray() || conditions.isEmpty()) {
            return flaw(at, "expected a list of at least one condition");
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            parts.add(condition(conditions.get(i), at + "[" + i + "]", depth + 1));
        }
        return parts.size() == 1
                ? parts.getFirst()
                : parts.stream().collect(Collectors.joining(by, "(", ")"));
    }

    private String trait(JsonNode node, String at) {
        List<String> path = path(node.get("trait"), at + ".trait");
        String value = read("customer", path);
        List<String> parts = comparisons(node, "customer", path, at, false);
        if (node.has("within")) {
            parts.add("within(%s, %s)".formatted(value, window(node, at)));
        }
        return all(parts, at, "expected a comparison, as in \"eq\": \"gold\"");
    }

    private String score(JsonNode node, String at) {
        List<String> path = new ArrayList<>(List.of("scores"));
        path.add(name(node.get("score"), at + ".score"));
        return all(
                comparisons(node, "customer", path, at, false),
                at,
                "expected a comparison, as in \"gte\": 0.5");
    }

    private String consent(JsonNode node, String at) {
        String channel = text(node.get("consent"), at + ".consent");
        if (Arrays.stream(Channel.values()).noneMatch(c -> c.word().equals(channel))) {
            flaw(
                    at + ".consent",
                    "expected one of "
                            + Arrays.stream(Channel.values())
                                    .map(Channel::word)
                                    .collect(Collectors.joining(", ")));
        }
        String key =
                node.has("topic")
                        ? channel + ":" + name(node.get("topic"), at + ".topic")
                        : channel;
        String state = node.has("is") ? text(node.get("is"), at + ".is") : "";
        if (!STATES.contains(state)) {
            flaw(at + ".is", "expected opted_in, opted_out or unknown");
        }
        return state.equals("unknown")
                ? "!(%s in customer.consents)".formatted(quoted(key))
                : "%s == %s".formatted(read("customer", List.of("consents", key)), quoted(state));
    }

    private String segment(JsonNode node, String at) {
        String key = text(node.get("segment"), at + ".segment");
        return Segment.isKey(key)
                ? "segment(" + quoted(key) + ")"
                : flaw(at + ".segment", "expected lower-case letters, digits and dashes");
    }

    private String event(JsonNode node, String at) {
        String event = quoted(name(node.get("event"), at + ".event"));
        String window = node.has("within") ? ", " + window(node, at) : "";
        String where = node.has("where") ? ", " + where(node.get("where"), at + ".where") : "";
        List<String> parts = new ArrayList<>();
        if (node.has("count")) {
            parts.addAll(
                    order(
                            node.get("count"),
                            "count(%s%s%s)".formatted(event, window, where),
                            Set.of(),
                            at + ".count"));
        }
        if (node.has("sum")) {
            JsonNode sum = node.get("sum");
            String property =
                    sum.isObject() && sum.has("property")
                            ? quoted(name(sum.get("property"), at + ".sum.property"))
                            : flaw(at + ".sum.property", "expected the name of a property");
            parts.addAll(
                    order(
                            sum,
                            "sum(%s, %s%s%s)".formatted(event, property, window, where),
                            Set.of("property"),
                            at + ".sum"));
        }
        if (node.has("last")) {
            parts.addAll(last(node.get("last"), event, where, at + ".last"));
        }
        if (parts.isEmpty()) {
            parts.add("count(%s%s%s) >= 1".formatted(event, window, where));
        }
        return all(parts, at, "");
    }

    /** How long ago something happened last: it is a matter of windows. */
    private List<String> last(JsonNode node, String event, String where, String at) {
        if (!node.isObject() || node.isEmpty()) {
            flaw(at, "expected how long ago, as in {\"gte\": \"P30D\"}");
            return List.of();
        }
        only(node, Set.of("lt", "gte"), at);
        List<String> parts = new ArrayList<>();
        for (String side : List.of("lt", "gte")) {
            if (node.has(side)) {
                String window = duration(node.get(side), at + "." + side);
                String within = "count(%s, %s%s)".formatted(event, window, where);
                parts.add(
                        side.equals("lt")
                                ? within + " >= 1"
                                : "(count(%s%s) >= 1 && %s == 0)".formatted(event, where, within));
            }
        }
        return parts;
    }

    private String where(JsonNode node, String at) {
        if (!node.isArray() || node.isEmpty()) {
            return flaw(at, "expected a list of conditions over properties");
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            JsonNode one = node.get(i);
            String here = at + "[" + i + "]";
            if (!one.isObject() || !one.has("property")) {
                flaw(here, "expected an object with a property and a comparison");
                continue;
            }
            Set<String> fields = new HashSet<>(COMPARISONS);
            fields.add("property");
            only(one, fields, here);
            List<String> path = new ArrayList<>(List.of("properties"));
            path.addAll(path(one.get("property"), here + ".property"));
            parts.add(
                    all(
                            comparisons(one, "event", path, here, true),
                            here,
                            "expected a comparison, as in \"eq\": \"shoes\""));
        }
        return String.join(" && ", parts);
    }

    /**
     * @param inOne whether the parts stand in one expression, where one that cannot be evaluated
     *     takes the others with it
     */
    private List<String> comparisons(
            JsonNode node, String variable, List<String> path, String at, boolean inOne) {
        String value = read(variable, path);
        String there = there(variable, path);
        List<String> parts = new ArrayList<>();
        if (node.has("eq")) {
            parts.add(value + " == " + literal(node.get("eq"), at + ".eq"));
        }
        if (node.has("ne")) {
            String other = literal(node.get("ne"), at + ".ne");
            parts.add(
                    inOne
                            ? "(!%s || %s != %s)".formatted(there, value, other)
                            : "!(%s == %s)".formatted(value, other));
        }
        if (node.has("in")) {
            parts.add(value + " in " + literals(node.get("in"), at + ".in"));
        }
        if (node.has("contains")) {
            String part = quoted(text(node.get("contains"), at + ".contains"));
            parts.add(
                    inOne
                            ? "(type(%1$s) == string ? %1$s.contains(%2$s) : %2$s in %1$s)"
                                    .formatted(value, part)
                            : "(%1$s.contains(%2$s) || %2$s in %1$s)".formatted(value, part));
        }
        if (node.has("exists")) {
            JsonNode exists = node.get("exists");
            if (!exists.isBoolean()) {
                flaw(at + ".exists", "expected true or false");
            }
            parts.add(exists.asBoolean() ? there : "!" + there);
        }
        for (String word : List.of("lt", "lte", "gt", "gte")) {
            if (node.has(word)) {
                parts.add(
                        "%s %s %s"
                                .formatted(
                                        value,
                                        ORDER.get(word),
                                        scalar(node.get(word), at + "." + word)));
            }
        }
        return parts;
    }

    private List<String> order(JsonNode node, String value, Set<String> others, String at) {
        List<String> parts = new ArrayList<>();
        if (node.isObject()) {
            Set<String> fields = new HashSet<>(ORDER.keySet());
            fields.add("eq");
            fields.addAll(others);
            only(node, fields, at);
            for (String word : List.of("eq", "lt", "lte", "gt", "gte")) {
                if (node.has(word)) {
                    JsonNode number = node.get(word);
                    if (!number.isNumber()) {
                        flaw(at + "." + word, "expected a number");
                    }
                    parts.add(
                            "%s %s %s"
                                    .formatted(
                                            value,
                                            ORDER.getOrDefault(word, "=="),
                                            scalar(number, at + "." + word)));
                }
            }
        }
        if (parts.isEmpty()) {
            flaw(at, "expected a comparison with a number, as in {\"gte\": 2}");
        }
        return parts;
    }

    private String all(List<String> parts, String at, String otherwise) {
        return switch (parts.size()) {
            case 0 -> otherwise.isEmpty() ? "" : flaw(at, otherwise);
            case 1 -> parts.getFirst();
            default -> parts.stream().collect(Collectors.joining(" && ", "(", ")"));
        };
    }

    private String window(JsonNode node, String at) {
        return duration(node.get("within"), at + ".within");
    }

    private String duration(JsonNode node, String at) {
        String window = text(node, at);
        SegmentFunctions.wrongWindow(window).ifPresent(wrong -> flaw(at, wrong));
        return quoted(window);
    }

    private List<String> path(JsonNode node, String at) {
        String path = name(node, at);
        List<String> names = List.of(path.split("\\.", -1));
        if (names.stream().anyMatch(String::isBlank)) {
            flaw(at, "expected names with a dot between them, as in address.city");
        }
        return names;
    }

    private String name(JsonNode node, String at) {
        String name = text(node, at);
        SegmentFunctions.wrongName(name).ifPresent(wrong -> flaw(at, wrong));
        return name;
    }

    private String text(JsonNode node, String at) {
        if (!node.isTextual()
                || node.textValue().length() > LONGEST_TEXT
                || node.textValue().indexOf(0) >= 0) {
            return flaw(
                    at,
                    "expected a text of at most "
                            + LONGEST_TEXT
                            + " characters, none of them U+0000");
        }
        return node.textValue();
    }

    private String literals(JsonNode node, String at) {
        if (!node.isArray() || node.isEmpty() || node.size() > MOST_VALUES) {
            return flaw(at, "expected a list of 1 to " + MOST_VALUES + " values");
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            values.add(literal(node.get(i), at + "[" + i + "]"));
        }
        return values.stream().collect(Collectors.joining(", ", "[", "]"));
    }

    private String literal(JsonNode node, String at) {
        return node.isBoolean() ? String.valueOf(node.booleanValue()) : scalar(node, at);
    }

    private String scalar(JsonNode node, String at) {
        if (node.isTextual()) {
            return quoted(text(node, at));
        }
        if (!node.isNumber()) {
            return flaw(at, "expected a text or a number");
        }
        return node.isIntegralNumber() && node.canConvertToLong()
                ? node.asText()
                : String.valueOf(node.doubleValue());
    }

    private static String read(String variable, List<String> path) {
        StringBuilder read = new StringBuilder(variable);
        for (String name : path) {
            if (isPlain(name)) {
                read.append('.').append(name);
            } else {
                read.append('[').append(quoted(name)).append(']');
            }
        }
        return read.toString();
    }

    private static String there(String variable, List<String> path) {
        String last = path.getLast();
        return isPlain(last)
                ? "has(%s)".formatted(read(variable, path))
                : "(%s in %s)"
                        .formatted(quoted(last), read(variable, path.subList(0, path.size() - 1)));
    }

    private static boolean isPlain(String name) {
        return NAME.matcher(name).matches() && !RESERVED.contains(name);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                default -> {
                    if (c < ' ') {
                        quoted.append("\\u%04x".formatted((int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    private void only(JsonNode node, Set<String> fields, String at) {
        node.fieldNames()
                .forEachRemaining(field -> {
                    if (!fields.contains(field)) {
                        flaw(at + "." + field, "this field is not known here");
                    }
                });
    }

    private String flaw(String field, String detail) {
        flaws.add(new Flaw(field, detail));
        return "";
    }
}
