package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a policy that somebody put. Nothing has a default but a gap and quiet hours,
 * which may be left out for none: caps that were forgotten must not be taken for no caps.
 */
public final class PolicyCheck {

    /** Every cap is looked at for every message. */
    static final int MOST_CAPS = 32;

    static final int MOST_GAPS = 16;

    /** A journey's key or a topic's name is shorter. */
    private static final int LONGEST_NAME = 200;

    /** The gate keeps every contact for as long as the longest window. */
    static final Duration LONGEST = Duration.ofDays(90);

    private static final String DURATION = "an ISO 8601 duration, as in P1D";
    private static final String ZONE = "a zone of the tz database, as in Europe/Madrid";
    private static final String SCOPE = "global, channel, category, topic or journey";
    private static final String TIME = "a local time, as in 21:00";

    private final List<FieldError> errors = new ArrayList<>();

    private PolicyCheck() {}

    /** What stands in the way of reading a document as a policy; empty where nothing does. */
    public static List<FieldError> unreadable(JsonNode document) {
        PolicyCheck check = new PolicyCheck();
        check.needed(document, "", "caps", "a list, empty for none");
        check.neededOfEach(document, "caps", "scope", SCOPE);
        check.neededOfEach(document, "caps", "max", "how many contacts");
        check.limits(document.path("caps"), "caps");
        check.neededOfEach(document, "gaps", "scope", SCOPE);
        check.limits(document.path("gaps"), "gaps");
        check.needed(document, "", "defaultTimeZone", ZONE);
        check.zone(document.path("defaultTimeZone"));
        check.needed(document, "", "consent", "an object of channel to opt-in or opt-out");
        check.saidOfEach(document.path("consent"));
        check.categories(document.path("categories"));
        check.needed(document, "", "optOutCoversTransactional", "a list of channels");
        check.neededOfEach(document.path("optOutCoversTransactional"), "optOutCoversTransactional");
        check.needed(document, "", "silences", "a list, empty for none");
        check.neededOfEach(document, "silences", "on", "an event's name");
        check.neededOfEach(document, "silences", "period", DURATION);
        if (document.hasNonNull("refund")) {
            check.needed(document.get("refund"), "refund.", "undelivered", "true or false");
            check.needed(document.get("refund"), "refund.", "expired", "true or false");
        }
        if (document.hasNonNull("quietHours")) {
            JsonNode quiet = document.get("quietHours");
            check.needed(quiet, "quietHours.", "from", TIME);
            check.needed(quiet, "quietHours.", "to", TIME);
            check.needed(quiet, "quietHours.", "channels", "a list of channels");
            check.neededOfEach(quiet.path("channels"), "quietHours.channels");
        }
        return List.copyOf(check.errors);
    }

    /** What is wrong with a complete policy; empty where it can be put in force. */
    public static List<FieldError> errors(ContactPolicy policy) {
        PolicyCheck check = new PolicyCheck();
        if (policy.caps().size() > MOST_CAPS) {
            check.wrong("caps", "at most " + MOST_CAPS + " caps, were " + policy.caps().size());
        }
        for (int i = 0; i < policy.caps().size(); i++) {
            check.window("caps[" + i + "].per", policy.caps().get(i).per());
        }
        if (policy.gaps().size() > MOST_GAPS) {
            check.wrong("gaps", "at most " + MOST_GAPS + " gaps, were " + policy.gaps().size());
        }
        for (int i = 0; i < policy.gaps().size(); i++) {
            check.window("gaps[" + i + "].per", policy.gaps().get(i).per());
        }
        check.saidOnce("caps", policy.caps().stream().map(c -> List.of(c.among(), c.per())));
        check.saidOnce("gaps", policy.gaps().stream().map(Gap::among));
        check.window("minimumGap", policy.minimumGap());
        for (int i = 0; i < policy.silences().size(); i++) {
            check.silence("silences[" + i + "]", policy.silences().get(i));
        }
        if (policy.quietHours() != null && policy.quietHours().channels().isEmpty()) {
            check.wrong("quietHours.channels", "at least one; leave quietHours out for none");
        }
        return List.copyOf(check.errors);
    }

    private void neededOfEach(JsonNode document, String list, String field, String expected) {
        int i = 0;
        for (JsonNode item : document.path(list)) {
            needed(item, list + "[" + i++ + "].", field, expected);
        }
    }

    /** What the record itself would refuse as a whole is refused here by its field. */
    private void limits(JsonNode limits, String list) {
        int i = 0;
        for (JsonNode limit : limits) {
            String path = list + "[" + i++ + "].";
            if (limit.path("max").isIntegralNumber() && limit.path("max").asLong() < 0) {
                wrong(path + "max", "expected 0 or more, was " + limit.path("max"));
            }
            needed(limit, path, "per", DURATION);
            longerThanNothing(path + "per", limit.path("per"));
            String scope = limit.path("scope").asText();
            onlyWith(limit, path, "channel", scope, "channel");
            onlyWith(limit, path, "journey", scope, "journey");
            onlyWith(limit, path, "category", scope, "global");
            onlyWith(limit, path, "topic", scope, "global");
            onlyWith(limit, path, "each", scope, "global");
            name(path + "topic", limit.path("topic"));
            name(path + "journey", limit.path("journey"));
            if (limit.hasNonNull("category") && limit.hasNonNull("topic")) {
                wrong(path + "topic", "a category is named already; make two of it");
            }
            if (limit.hasNonNull("each")
                    && (limit.hasNonNull("category") || limit.hasNonNull("topic"))) {
                wrong(path + "each", "one is named already");
            }
        }
    }

    private void onlyWith(
            JsonNode limit, String path, String field, String scope, String expected) {
        if (limit.hasNonNull(field) && !scope.isEmpty() && !scope.equals(expected)) {
            wrong(path + field, "does not go with scope " + scope);
        }
    }

    private void name(String field, JsonNode name) {
        if (name.isTextual()
                && (name.asText().isBlank()
                        || name.asText().length() > LONGEST_NAME
                        || name.asText().chars().anyMatch(Character::isISOControl))) {
            wrong(field, "expected a name of at most " + LONGEST_NAME + " characters");
        }
    }

    /** What is no duration is named when it is read. */
    private void longerThanNothing(String field, JsonNode window) {
        try {
            Duration read = Duration.parse(window.asText());
            if (read.isNegative() || read.isZero()) {
                wrong(field, "expected longer than nothing, was " + window.asText());
            }
        } catch (DateTimeParseException notADuration) {
            return;
        }
    }

    private void saidOnce(String list, Stream<?> said) {
        List<?> all = said.toList();
        for (int i = 0; i < all.size(); i++) {
            int first = all.indexOf(all.get(i));
            if (first < i) {
                wrong(list + "[" + i + "]", "is about the same as " + list + "[" + first + "]");
            }
        }
    }

    private void neededOfEach(JsonNode channels, String list) {
        neededOfEach(channels, list, "a channel");
    }

    private void neededOfEach(JsonNode words, String list, String expected) {
        int i = 0;
        for (JsonNode word : words) {
            if (word.isNull()) {
                wrong(list + "[" + i + "]", "is null, expected " + expected);
            }
            i++;
        }
    }

    /** A rule that is null would be none at all, for marketing without any consent. */
    private void saidOfEach(JsonNode consent) {
        consent.properties()
                .forEach(rule -> {
                    if (rule.getValue().isNull()) {
                        wrong("consent." + rule.getKey(), "is null, expected opt-in or opt-out");
                    }
                });
    }

    /** What a category passes is said whole: what was forgotten must not be taken for nothing. */
    private void categories(JsonNode categories) {
        categories
                .properties()
                .forEach(category -> {
                    String path = "categories." + category.getKey();
                    JsonNode rule = category.getValue();
                    if (!rule.isObject()) {
                        wrong(path, "expected an object of passes and counts");
                        return;
                    }
                    needed(rule, path + ".", "passes", "a list of what it passes, empty for none");
                    needed(rule, path + ".", "counts", "true or false");
                    neededOfEach(rule.path("passes"), path + ".passes", "a rule");
                });
    }

    private void needed(JsonNode object, String path, String field, String expected) {
        if (!object.hasNonNull(field)) {
            wrong(path + field, "is missing, expected " + expected);
        }
    }

    private void silence(String field, ConversionSilence silence) {
        if (silence.on().isBlank()) {
            wrong(field + ".on", "expected an event's name");
        }
        if (silence.period().isZero()) {
            wrong(field + ".period", "expected longer than nothing");
        }
        window(field + ".period", silence.period());
    }

    private void zone(JsonNode zone) {
        try {
            ZoneId.of(zone.asText("UTC"));
        } catch (DateTimeException e) {
            wrong("defaultTimeZone", "expected " + ZONE + ", was '" + zone.asText() + "'");
        }
    }

    private void window(String field, @Nullable Duration window) {
        if (window != null && (window.isNegative() || window.compareTo(LONGEST) > 0)) {
            wrong(field, "expected between nothing and P90D, was " + window);
        }
    }

    private void wrong(String field, String detail) {
        errors.add(new FieldError(field, detail));
    }
}
