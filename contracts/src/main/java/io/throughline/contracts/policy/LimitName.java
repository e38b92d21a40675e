package io.throughline.contracts.policy;

import io.throughline.contracts.policy.ContactPolicy.Alike;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a cap or a gap is called in verdicts, as in {@code cap:topic:offers:P1D}, {@code
 * cap:topic:P1D} and {@code gap:topic:offers}: the one place where such names are put together and
 * taken apart. A topic or a journey may have colons in it.
 *
 * <p>It is for people and for counting refusals. Whether two rules count the same contacts it does
 * not tell: of a rule that is for each topic or journey it leaves out which.
 *
 * @param alike which contacts are counted together
 * @param value the channel, category, topic or journey that stands in it; absent where none does
 * @param window of a cap; absent for a gap, whose name does not say it
 */
public record LimitName(Alike alike, @Nullable String value, @Nullable Duration window) {

    private static final String CAP = "cap:";
    private static final String GAP = "gap:";
    private static final String MINIMUM_GAP = "minimum-gap";
    private static final String GLOBAL = "global";

    /** Absent where the rule is neither a cap nor a gap. */
    public static @Nullable LimitName of(String rule) {
        if (rule.equals(MINIMUM_GAP)) {
            return new LimitName(Alike.ANY, null, null);
        }
        if (rule.startsWith(GAP)) {
            return among(rule.substring(GAP.length()), null);
        }
        int last = rule.lastIndexOf(':');
        return rule.startsWith(CAP) && last >= CAP.length()
                ? among(rule.substring(CAP.length(), last), window(rule.substring(last + 1)))
                : null;
    }

    private static @Nullable LimitName among(String words, @Nullable Duration window) {
        int colon = words.indexOf(':');
        String scope = colon < 0 ? words : words.substring(0, colon);
        for (Alike alike : Alike.values()) {
            if (word(alike).equals(scope)) {
                return new LimitName(alike, colon < 0 ? null : words.substring(colon + 1), window);
            }
        }
        return null;
    }

    private static @Nullable Duration window(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static String word(Alike alike) {
        return alike == Alike.ANY ? GLOBAL : alike.name().toLowerCase(Locale.ROOT);
    }

    /** As it stands in verdicts. */
    String text() {
        String among = word(alike) + (value == null ? "" : ":" + value);
        return window == null ? GAP + among : CAP + among + ":" + iso(window);
    }

    private static String iso(Duration window) {
        long days = window.toDays();
        return days > 0 && window.equals(Duration.ofDays(days))
                ? "P" + days + "D"
                : window.toString();
    }
}
