package io.throughline.journey.policy;

import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a policy that somebody put. The fields are those of the record; as it comes
 * from JSON any of them may be missing, and the caps are never taken as none for having been
 * forgotten.
 */
public final class PolicyCheck {

    /** Every cap is looked at for every message. */
    static final int MOST_CAPS = 32;

    /** The gate keeps every contact for as long as the longest window. */
    static final Duration LONGEST = Duration.ofDays(90);

    private final List<FieldError> errors = new ArrayList<>();

    private PolicyCheck() {}

    /** Everything that is wrong; empty for a policy that can be put in force. */
    public static List<FieldError> errors(ContactPolicy policy) {
        PolicyCheck check = new PolicyCheck();
        check.caps(policy.caps());
        check.notTooLong("minimumGap", policy.minimumGap());
        check.quietHours(policy.quietHours());
        check.zone(policy.defaultTimeZone());
        check.present("consent", policy.consent(), "an object of channel to opt-in or opt-out");
        check.present(
                "optOutCoversTransactional",
                policy.optOutCoversTransactional(),
                "a list of channels, empty for none");
        check.silences(policy.silences());
        return List.copyOf(check.errors);
    }

    private void caps(@Nullable List<Cap> caps) {
        if (!present("caps", caps, "a list, empty for no caps") || caps == null) {
            return;
        }
        if (caps.size() > MOST_CAPS) {
            wrong("caps", "at most " + MOST_CAPS + " caps, were " + caps.size());
        }
        for (int i = 0; i < caps.size(); i++) {
            cap("caps[" + i + "]", caps.get(i));
        }
    }

    private void cap(String field, @Nullable Cap cap) {
        if (!present(field, cap, "an object with scope, max and per") || cap == null) {
            return;
        }
        Scope scope = cap.scope();
        present(field + ".scope", scope, "global, channel or journey");
        if (present(field + ".per", cap.per(), "an ISO 8601 duration, as in P1D")) {
            period(field + ".per", cap.per());
        }
    }

    private void quietHours(@Nullable QuietHours quiet) {
        if (quiet == null) {
            return;
        }
        present("quietHours.from", quiet.from(), "a local time, as in 21:00");
        present("quietHours.to", quiet.to(), "a local time, as in 08:00");
        if (present("quietHours.channels", quiet.channels(), "a list of channels")
                && quiet.channels().isEmpty()) {
            wrong("quietHours.channels", "at least one channel; leave quietHours out for none");
        }
    }

    private void zone(@Nullable String zone) {
        String expected = "a zone of the tz database, as in Europe/Madrid";
        if (!present("defaultTimeZone", zone, expected) || zone == null) {
            return;
        }
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            wrong("defaultTimeZone", "expected " + expected + ", was '" + zone + "'");
        }
    }

    private void silences(@Nullable List<ConversionSilence> silences) {
        if (!present("silences", silences, "a list, empty for none") || silences == null) {
            return;
        }
        for (int i = 0; i < silences.size(); i++) {
            silence("silences[" + i + "]", silences.get(i));
        }
    }

    private void silence(String field, @Nullable ConversionSilence silence) {
        if (!present(field, silence, "an object with on and period") || silence == null) {
            return;
        }
        if (present(field + ".on", silence.on(), "an event's name") && silence.on().isBlank()) {
            wrong(field + ".on", "expected an event's name");
        }
        if (present(field + ".period", silence.period(), "an ISO 8601 duration, as in P2D")) {
            period(field + ".period", silence.period());
        }
    }

    private void period(String field, Duration period) {
        if (period.isZero()) {
            wrong(field, "expected longer than nothing");
        }
        notTooLong(field, period);
    }

    private void notTooLong(String field, @Nullable Duration period) {
        if (period != null && (period.isNegative() || period.compareTo(LONGEST) > 0)) {
            wrong(field, "expected between nothing and P90D, was " + period);
        }
    }

    private boolean present(String field, @Nullable Object value, String expected) {
        if (value == null) {
            wrong(field, "is missing, expected " + expected);
        }
        return value != null;
    }

    private void wrong(String field, String detail) {
        errors.add(new FieldError(field, detail));
    }
}
