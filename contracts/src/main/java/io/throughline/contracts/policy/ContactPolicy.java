package io.throughline.contracts.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The governance rules in force for everyone: data, versioned, never part of a journey version.
 *
 * @param version grows by one with every change; stands in every decision record
 * @param caps at most so many contacts in any rolling window; all of them hold together
 * @param minimumGap between any two contacts of a customer; absent for none
 * @param quietHours in the customer's own zone; absent for none
 * @param defaultTimeZone for customers whose zone is unknown, tz database name
 * @param consent what each channel needs before marketing may go; a channel that is not named needs
 *     an opt-in
 * @param optOutCoversTransactional channels on which a stop ends transactional messages too, as a
 *     carrier's STOP does
 * @param silences silences after an event, whatever journey the customer is in
 * @param moreQuietHours besides {@code quietHours}, where there is more than one such rule; apart
 *     from it because there was only one once
 * @param legalPresets which quiet hours of the law hold besides: ids of presets, or what ids begin
 *     with, as in {@code us}, or {@code all}
 */
public record ContactPolicy(
        int version,
        List<Cap> caps,
        @Nullable Duration minimumGap,
        @Nullable QuietHours quietHours,
        String defaultTimeZone,
        Map<Channel, ConsentRule> consent,
        Set<Channel> optOutCoversTransactional,
        List<ConversionSilence> silences,
        @Nullable List<QuietHours> moreQuietHours,
        @Nullable List<String> legalPresets) {

    /** With one rule of quiet hours at most and no preset. */
    public ContactPolicy(
            int version,
            List<Cap> caps,
            @Nullable Duration minimumGap,
            @Nullable QuietHours quietHours,
            String defaultTimeZone,
            Map<Channel, ConsentRule> consent,
            Set<Channel> optOutCoversTransactional,
            List<ConversionSilence> silences) {
        this(
                version,
                caps,
                minimumGap,
                quietHours,
                defaultTimeZone,
                consent,
                optOutCoversTransactional,
                silences,
                null,
                null);
    }

    /** What a new installation starts with, until someone who knows the business changes it. */
    public static ContactPolicy initial() {
        return new ContactPolicy(
                1,
                List.of(
                        new Cap(Scope.GLOBAL, null, 3, Duration.ofDays(1)),
                        new Cap(Scope.GLOBAL, null, 8, Duration.ofDays(7)),
                        new Cap(Scope.CHANNEL, Channel.SMS, 2, Duration.ofDays(1))),
                null,
                null,
                "UTC",
                Map.of(),
                Set.of(Channel.SMS, Channel.WHATSAPP),
                List.of());
    }

    /** Whatever is not said needs an opt-in; that includes a rule that was left null. */
    public ConsentRule consentRule(Channel channel) {
        ConsentRule rule = consent.get(channel);
        return rule == null ? ConsentRule.OPT_IN : rule;
    }

    /** The same with other quiet hours. */
    public ContactPolicy quietBy(List<QuietHours> rules, List<String> presets) {
        return new ContactPolicy(
                version,
                caps,
                minimumGap,
                rules.isEmpty() ? null : rules.getFirst(),
                defaultTimeZone,
                consent,
                optOutCoversTransactional,
                silences,
                rules.size() < 2 ? null : List.copyOf(rules.subList(1, rules.size())),
                presets.isEmpty() ? null : List.copyOf(presets));
    }

    /** All rules of quiet hours; nothing goes where one of them forbids it. */
    public List<QuietHours> quietRules() {
        List<QuietHours> rules = new ArrayList<>();
        if (quietHours != null) {
            rules.add(quietHours);
        }
        if (moreQuietHours != null) {
            rules.addAll(moreQuietHours);
        }
        return rules;
    }

    /** What was named of the law's quiet hours. */
    public List<String> presets() {
        return legalPresets == null ? List.of() : legalPresets;
    }

    /**
     * The longest window over which a contact still counts; zero where there is no cap and no gap.
     */
    public Duration horizon() {
        Duration longest = minimumGap == null ? Duration.ZERO : minimumGap;
        for (Cap cap : caps) {
            longest = cap.per().compareTo(longest) > 0 ? cap.per() : longest;
        }
        return longest;
    }

    /** What a cap counts. */
    public enum Scope {
        GLOBAL,
        CHANNEL,
        JOURNEY;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        public static Scope of(String word) {
            try {
                return valueOf(word.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "unknown cap scope '" + word + "', expected global, channel or journey", e);
            }
        }
    }

    /**
     * At most {@code max} contacts within any window of length {@code per}: a contact at {@code s}
     * counts for every instant in {@code [s, s + per)}.
     *
     * @param channel with scope channel, the one meant; absent for each channel by itself
     */
    public record Cap(Scope scope, @Nullable Channel channel, int max, Duration per) {

        public Cap {
            if (max < 0) {
                throw new IllegalArgumentException("a cap's max is 0 or more, was " + max);
            }
            if (per.isNegative() || per.isZero()) {
                throw new IllegalArgumentException(
                        "a cap's window is longer than nothing, was " + per);
            }
            if (channel != null && scope != Scope.CHANNEL) {
                throw new IllegalArgumentException("only a cap with scope channel names a channel");
            }
        }

        /**
         * As it stands in verdicts: {@code cap:global:P1D}, {@code cap:channel:sms:P1D}, {@code
         * cap:journey:P7D}.
         */
        public String rule(Channel of) {
            return switch (scope) {
                case GLOBAL -> "cap:global:" + iso(per);
                case CHANNEL -> "cap:channel:" + of.word() + ":" + iso(per);
                case JOURNEY -> "cap:journey:" + iso(per);
            };
        }

        private static String iso(Duration window) {
            long days = window.toDays();
            return days > 0 && window.equals(Duration.ofDays(days))
                    ? "P" + days + "D"
                    : window.toString();
        }
    }

    /**
     * Local times between which nothing is sent; the window may cross midnight. It begins on every
     * day, or where days or dates are named, on those and no other.
     *
     * @param from first quiet instant of a day
     * @param to first instant that is not quiet any more; the same as {@code from} for a whole day,
     *     where days or dates are named
     * @param channels those the rule is for
     * @param categories those the rule is for; absent for all that quiet hours are for at all
     * @param days of the week
     * @param dates as public holidays are
     */
    public record QuietHours(
            LocalTime from,
            LocalTime to,
            Set<Channel> channels,
            @Nullable Set<Category> categories,
            @Nullable Set<DayOfWeek> days,
            @Nullable Set<LocalDate> dates) {

        public QuietHours {
            if (from.equals(to) && days == null && dates == null) {
                throw new IllegalArgumentException("quiet hours begin and end at different times");
            }
        }

        /** On every day, for every category. */
        public QuietHours(LocalTime from, LocalTime to, Set<Channel> channels) {
            this(from, to, channels, null, null, null);
        }
    }

    /** What a channel needs before marketing may go. */
    public enum ConsentRule {
        /** An opt-in on record. */
        OPT_IN("opt-in"),
        /** No opt-out on record: for where the law gives consent by another way. */
        OPT_OUT("opt-out");

        private final String word;

        ConsentRule(String word) {
            this.word = word;
        }

        @JsonValue
        public String word() {
            return word;
        }

        @JsonCreator
        public static ConsentRule of(String word) {
            return switch (word) {
                case "opt-in" -> OPT_IN;
                case "opt-out" -> OPT_OUT;
                default ->
                        throw new IllegalArgumentException(
                                "unknown consent rule '" + word + "', expected opt-in or opt-out");
            };
        }
    }

    /**
     * @param on event name
     * @param period how long nothing is sent after it
     */
    public record ConversionSilence(String on, Duration period) {}
}
