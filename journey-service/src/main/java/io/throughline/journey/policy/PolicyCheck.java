package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Arbitration;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.contracts.policy.ContactPolicy.ExclusionGroup;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a policy that somebody put. Nothing has a default but a gap and quiet hours,
 * which may be left out for none: caps that were forgotten must not be taken for no caps.
 */
public final class PolicyCheck {

    /** Every cap is looked at for every message. */
    static final int MOST_CAPS = 32;

    /** The gate keeps every contact for as long as the longest window. */
    static final Duration LONGEST = Duration.ofDays(90);

    /** Every group is looked at for every entry. */
    static final int MOST_GROUPS = 100;

    static final int MOST_MEMBERS = 100;

    private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final String KEY_EXPECTED =
            "a key of lower-case letters, digits and hyphens, at most 63 characters";
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
        check.neededOfEach(
                document.path("optOutCoversTransactional"),
                "optOutCoversTransactional",
                "a channel");
        check.needed(document, "", "silences", "a list, empty for none");
        check.neededOfEach(document, "silences", "on", "an event's name");
        check.neededOfEach(document, "silences", "period", DURATION);
        if (document.hasNonNull("arbitration")) {
            check.needed(document.get("arbitration"), "arbitration.", "window", DURATION);
        }
        check.neededOfEach(document, "exclusionGroups", "name", "what the group is called");
        check.neededOfEach(document, "exclusionGroups", "journeys", "a list of journeys' keys");
        check.neededOfEach(document, "exclusionGroups", "onConflict", "keep or higher-priority");
        int group = 0;
        for (JsonNode of : document.path("exclusionGroups")) {
            String field = "exclusionGroups[" + group++ + "].journeys";
            check.neededOfEach(of.path("journeys"), field, "a journey's key");
        }
        if (document.hasNonNull("quietHours")) {
            JsonNode quiet = document.get("quietHours");
            check.needed(quiet, "quietHours.", "from", TIME);
            check.needed(quiet, "quietHours.", "to", TIME);
            check.needed(quiet, "quietHours.", "channels", "a list of channels");
            check.neededOfEach(quiet.path("channels"), "quietHours.channels", "a channel");
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
        check.window("minimumGap", policy.minimumGap());
        for (int i = 0; i < policy.silences().size(); i++) {
            check.silence("silences[" + i + "]", policy.silences().get(i));
        }
        Arbitration arbitration = policy.arbitration();
        if (arbitration != null) {
            check.window("arbitration.window", arbitration.window());
        }
        check.groups(policy.groups());
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

    private void neededOfEach(JsonNode items, String list, String expected) {
        int i = 0;
        for (JsonNode item : items) {
            if (item.isNull()) {
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

    private void groups(List<ExclusionGroup> groups) {
        if (groups.size() > MOST_GROUPS) {
            wrong("exclusionGroups", "at most " + MOST_GROUPS + " groups, were " + groups.size());
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < groups.size(); i++) {
            ExclusionGroup group = groups.get(i);
            String field = "exclusionGroups[" + i + "]";
            if (!KEY.matcher(group.name()).matches()) {
                wrong(field + ".name", "expected " + KEY_EXPECTED + ", was '" + group.name() + "'");
            } else if (!names.add(group.name())) {
                wrong(field + ".name", "stands twice");
            }
            members(field + ".journeys", group.journeys());
        }
    }

    /** A journey may be named before it is written. */
    private void members(String field, List<String> journeys) {
        if (journeys.size() < 2 || journeys.size() > MOST_MEMBERS) {
            wrong(
                    field,
                    "expected from 2 to " + MOST_MEMBERS + " journeys, were " + journeys.size());
        }
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < journeys.size(); i++) {
            String key = journeys.get(i);
            if (!KEY.matcher(key).matches()) {
                wrong(field + "[" + i + "]", "expected " + KEY_EXPECTED + ", was '" + key + "'");
            } else if (!keys.add(key)) {
                wrong(field + "[" + i + "]", "stands twice");
            }
        }
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
