package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.governance.rules.LegalPresets;
import io.throughline.governance.rules.Outcome;
import io.throughline.governance.rules.QuietRules;
import io.throughline.governance.rules.Rules;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a policy that somebody put. Nothing has a default but a gap and quiet hours,
 * which may be left out for none: caps that were forgotten must not be taken for no caps.
 */
public final class PolicyCheck {

    /** Every cap is looked at for every message. */
    static final int MOST_CAPS = 32;

    /** Each is worked out for all whereabouts there are. */
    static final int MOST_QUIET_RULES = 16;

    /** The holidays of some years. */
    static final int MOST_DATES = 100;

    /** Any will do: what repeats itself does so every week. */
    private static final Instant SOME_TIME = Instant.parse("2026-01-01T00:00:00Z");

    /** The gate keeps every contact for as long as the longest window. */
    static final Duration LONGEST = Duration.ofDays(90);

    private static final String DURATION = "an ISO 8601 duration, as in P1D";
    private static final String ZONE = "a zone of the tz database, as in Europe/Madrid";
    private static final String TIME = "a local time, as in 21:00";

    private final List<FieldError> errors = new ArrayList<>();

    private PolicyCheck() {}

    /** What stands in the way of reading a document as a policy; empty where nothing does. */
    public static List<FieldError> unreadable(JsonNode document) {
        PolicyCheck check = new PolicyCheck();
        check.needed(document, "", "caps", "a list, empty for none");
        check.neededOfEach(document, "caps", "scope", "global, channel or journey");
        check.neededOfEach(document, "caps", "max", "how many contacts");
        check.neededOfEach(document, "caps", "per", DURATION);
        check.needed(document, "", "defaultTimeZone", ZONE);
        check.zone(document.path("defaultTimeZone"));
        check.needed(document, "", "consent", "an object of channel to opt-in or opt-out");
        check.saidOfEach(document.path("consent"));
        check.needed(document, "", "optOutCoversTransactional", "a list of channels");
        check.neededOfEach(document.path("optOutCoversTransactional"), "optOutCoversTransactional");
        check.needed(document, "", "silences", "a list, empty for none");
        check.neededOfEach(document, "silences", "on", "an event's name");
        check.neededOfEach(document, "silences", "period", DURATION);
        if (document.path("quietHours").isArray()) {
            int i = 0;
            for (JsonNode rule : document.get("quietHours")) {
                check.quiet(rule, "quietHours[" + i++ + "]");
            }
        } else if (document.hasNonNull("quietHours")) {
            check.quiet(document.get("quietHours"), "quietHours");
        }
        check.neededOfEach(document.path("legalPresets"), "legalPresets");
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
        check.window("minimumGap", policy.minimumGap());
        for (int i = 0; i < policy.silences().size(); i++) {
            check.silence("silences[" + i + "]", policy.silences().get(i));
        }
        List<QuietHours> quiet = policy.quietRules();
        if (quiet.size() > MOST_QUIET_RULES) {
            check.wrong(
                    "quietHours", "at most " + MOST_QUIET_RULES + " rules, were " + quiet.size());
        }
        for (int i = 0; i < quiet.size(); i++) {
            check.quiet(quiet.size() == 1 ? "quietHours" : "quietHours[" + i + "]", quiet.get(i));
        }
        if (check.errors.isEmpty() && quiet.size() <= MOST_QUIET_RULES && leavesNoTime(policy)) {
            check.wrong("quietHours", "leave no time at which anything may go on some channel");
        }
        for (int i = 0; i < policy.presets().size(); i++) {
            check.preset("legalPresets[" + i + "]", policy.presets().get(i));
        }
        return List.copyOf(check.errors);
    }

    private void quiet(JsonNode rule, String path) {
        needed(rule, path + ".", "from", TIME);
        needed(rule, path + ".", "to", TIME);
        needed(rule, path + ".", "channels", "a list of channels");
        neededOfEach(rule.path("channels"), path + ".channels");
        neededOfEach(rule.path("categories"), path + ".categories");
        neededOfEach(rule.path("days"), path + ".days");
        neededOfEach(rule.path("dates"), path + ".dates");
        boolean wholeDay = rule.hasNonNull("from") && rule.path("from").equals(rule.path("to"));
        if (wholeDay && !rule.hasNonNull("days") && !rule.hasNonNull("dates")) {
            wrong(path + ".to", "expected another time than from, or days or dates");
        }
    }

    private void quiet(String path, QuietHours rule) {
        if (rule.channels().isEmpty()) {
            wrong(path + ".channels", "at least one; leave the rule out for none");
        }
        Set<Category> categories = rule.categories();
        if (categories != null && categories.isEmpty()) {
            wrong(path + ".categories", "at least one; leave them out for all");
        } else if (categories != null && categories.contains(Category.TRANSACTIONAL)) {
            wrong(path + ".categories", "transactional messages pass quiet hours");
        }
        if (rule.days() != null && rule.days().isEmpty() && isEmpty(rule.dates())) {
            wrong(path + ".days", "at least one; leave them out for all");
        } else if (rule.days() == null && rule.dates() != null && rule.dates().isEmpty()) {
            wrong(path + ".dates", "at least one; leave them out for every day");
        } else if (rule.dates() != null && rule.dates().size() > MOST_DATES) {
            wrong(path + ".dates", "at most " + MOST_DATES + ", were " + rule.dates().size());
        }
    }

    private static boolean isEmpty(@Nullable Set<LocalDate> dates) {
        return dates == null || dates.isEmpty();
    }

    /** Somebody whose zone is known for certain has to be reachable at some time. */
    private static boolean leavesNoTime(ContactPolicy policy) {
        for (Channel channel : Channel.values()) {
            for (Category category : List.of(Category.MARKETING, Category.SERVICE)) {
                QuietRules rules = Rules.of(policy, channel, category, false).quiet();
                Outcome.Quiet quiet = rules.at(Whereabouts.UNKNOWN, SOME_TIME);
                if (quiet != null && quiet.until() == null) {
                    return true;
                }
            }
        }
        return false;
    }

    private void preset(String field, String name) {
        if (LegalPresets.named(List.of(name)).isEmpty()) {
            wrong(
                    field,
                    "unknown preset '"
                            + name
                            + "'; GET /api/contact-policy/legal-presets lists them");
        }
    }

    private void neededOfEach(JsonNode document, String list, String field, String expected) {
        int i = 0;
        for (JsonNode item : document.path(list)) {
            needed(item, list + "[" + i++ + "].", field, expected);
        }
    }

    private void neededOfEach(JsonNode channels, String list) {
        int i = 0;
        for (JsonNode channel : channels) {
            if (channel.isNull()) {
                wrong(list + "[" + i + "]", "is null");
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
