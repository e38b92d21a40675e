package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
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

    private void neededOfEach(JsonNode channels, String list) {
        int i = 0;
        for (JsonNode channel : channels) {
            if (channel.isNull()) {
                wrong(list + "[" + i + "]", "is null, expected a channel");
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
