package io.throughline.identity.imports;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.throughline.contracts.Channel;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.consent.About;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.tracking.CleanJson;
import io.throughline.identity.tracking.Fault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Rows that are JSON objects. */
public final class NdjsonRows implements RowReader {

    private static final Set<String> FIELDS =
            Set.of("identifiers", "traits", "timezone", "locale", "at", "consents");
    private static final Set<String> CONSENT_FIELDS =
            Set.of(
                    "channel",
                    "topic",
                    "state",
                    "at",
                    "source",
                    "evidence",
                    "wording",
                    "legalBasis");
    private static final int MAX_WORD = 100;

    private final ImportOptions options;
    private final Instant now;

    public NdjsonRows(ImportOptions options, Instant now) {
        this.options = options;
        this.now = now;
    }

    @Override
    public boolean quoted() {
        return false;
    }

    @Override
    public Outcome read(long number, String line) {
        JsonNode row;
        try {
            row = ContractJson.mapper().readTree(line);
        } catch (JsonProcessingException e) {
            return new Rejected(
                    number, line.replace("\u0000", ""), List.of("row: expected a JSON object"));
        }
        if (!row.isObject()) {
            return new Rejected(number, line, List.of("row: expected a JSON object"));
        }
        Said said = new Said(options, now);
        row.fieldNames()
                .forEachRemaining(name -> {
                    if (!FIELDS.contains(name) && !name.equals(Column.REASONS)) {
                        said.wrong(name, "unknown, expected one of " + sorted(FIELDS));
                    }
                });
        identifiers(said, row.path("identifiers"));
        traits(said, row.path("traits"));
        text(said, "timezone", row, text -> said.timeZone("timezone", text));
        text(said, "locale", row, said::locale);
        text(said, "at", row, text -> said.at("at", text));
        consents(said, row.path("consents"));
        return said.outcome(number, line);
    }

    /** A rejected row with what is wrong in a field of its own; one that is no object, in one. */
    public static String rejected(Rejected row) {
        ObjectNode object = ContractJson.mapper().createObjectNode();
        try {
            if (ContractJson.mapper().readTree(row.line()) instanceof ObjectNode read) {
                object = read;
            } else if (!row.line().isEmpty()) {
                object.put("line", row.line());
            }
        } catch (JsonProcessingException e) {
            object.put("line", row.line());
        }
        return object.put(
                        Column.REASONS,
                        "row " + row.number() + ", " + String.join("; ", row.reasons()))
                .toString();
    }

    /** A JSON value as traits keep it. */
    static @Nullable Object value(Said said, String name, JsonNode node) {
        Object value = ContractJson.mapper().convertValue(node, Object.class);
        List<Fault> faults = new ArrayList<>();
        Map<String, Object> clean =
                CleanJson.clean("", Collections.singletonMap(name, value), faults);
        faults.forEach(fault -> said.wrong(name, fault.expected()));
        return clean.get(name);
    }

    private static void identifiers(Said said, JsonNode node) {
        if (node.isObject()) {
            node.properties().forEach(e -> identifier(said, e.getKey(), e.getValue()));
        } else if (node.isArray()) {
            for (JsonNode one : node) {
                String text = one.isTextual() ? one.asText() : "";
                int colon = text.indexOf(':');
                if (colon < 1) {
                    said.wrong("identifiers", "expected type:value, as in email:ana@example.com");
                } else {
                    said.identifier(
                            "identifiers", text.substring(0, colon), text.substring(colon + 1));
                }
            }
        } else if (!node.isMissingNode()) {
            said.wrong("identifiers", "expected an object by type, or a list of type:value");
        }
    }

    private static void identifier(Said said, String type, JsonNode value) {
        String field = "identifiers." + type;
        if (value.isArray()) {
            value.forEach(one -> identifier(said, type, one));
        } else if (value.isTextual() || value.isIntegralNumber()) {
            said.identifier(field, type, value.asText());
        } else if (!value.isNull()) {
            said.wrong(field, "expected a text");
        }
    }

    private static void traits(Said said, JsonNode node) {
        if (node.isObject()) {
            node.properties()
                    .forEach(e ->
                            said.trait(
                                    e.getKey().replace("\u0000", "\uFFFD"),
                                    value(said, "traits." + e.getKey(), e.getValue())));
        } else if (!node.isMissingNode()) {
            said.wrong("traits", "expected an object");
        }
    }

    private static void consents(Said said, JsonNode node) {
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                consent(said, "consents[" + i + "]", node.get(i));
            }
        } else if (!node.isMissingNode()) {
            said.wrong("consents", "expected a list");
        }
    }

    private static void consent(Said said, String field, JsonNode node) {
        node.fieldNames()
                .forEachRemaining(name -> {
                    if (!CONSENT_FIELDS.contains(name)) {
                        said.wrong(
                                field + "." + name,
                                "unknown, expected one of " + sorted(CONSENT_FIELDS));
                    }
                });
        String topic = said.word(field + ".topic", optional(node, "topic"), MAX_WORD);
        Channel channel = said.channel(field + ".channel", node.path("channel").asText());
        String at = optional(node, "at");
        said.consent(
                field + ".state",
                channel == null ? null : new About(channel, topic),
                node.path("state").asText(),
                at == null ? null : said.time(field + ".at", at),
                optional(node, "source"),
                said.evidence(field + ".evidence", optional(node, "evidence")),
                optional(node, "wording"),
                said.legalBasis(field + ".legalBasis", optional(node, "legalBasis")));
    }

    private static void text(Said said, String field, JsonNode row, Consumer<String> taking) {
        JsonNode node = row.path(field);
        if (node.isTextual() && node.asText().indexOf(0) < 0) {
            taking.accept(node.asText());
        } else if (!node.isMissingNode() && !node.isNull()) {
            said.wrong(field, "expected a text without U+0000");
        }
    }

    private static @Nullable String optional(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }
}
