package io.throughline.contracts.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.Channel;
import java.time.Duration;
import java.time.LocalTime;
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
 * @param arbitration how journeys share what the caps leave; absent for {@link Arbitration#DEFAULT}
 * @param exclusionGroups journeys of which a customer is in at most one at a time; absent for none
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
        @Nullable Arbitration arbitration,
        @Nullable List<ExclusionGroup> exclusionGroups) {

    /** A policy that says nothing of how journeys stand to each other. */
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

    /** How far ahead of its time a planned contact holds room; zero where none does. */
    public Duration arbitrationWindow() {
        return arbitration == null ? Arbitration.DEFAULT : arbitration.window();
    }

    /** The exclusion groups; empty where the policy names none. */
    public List<ExclusionGroup> groups() {
        return exclusionGroups == null ? List.of() : exclusionGroups;
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
     * Local times between which nothing is sent; the window may cross midnight.
     *
     * @param from first quiet instant of a day
     * @param to first instant that is not quiet any more
     * @param channels those the rule is for
     */
    public record QuietHours(LocalTime from, LocalTime to, Set<Channel> channels) {

        public QuietHours {
            if (from.equals(to)) {
                throw new IllegalArgumentException("quiet hours begin and end at different times");
            }
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

    /**
     * When journeys compete for a customer, the more important one goes first.
     *
     * @param window how far from its time a planned contact holds room under the caps against less
     *     important ones; zero for first come, first served
     */
    public record Arbitration(Duration window) {

        /** Where the policy does not say. */
        public static final Duration DEFAULT = Duration.ofHours(4);
    }

    /**
     * A customer is in at most one of these journeys at a time.
     *
     * @param journeys keys
     * @param onConflict what happens when the customer qualifies for a second one
     */
    public record ExclusionGroup(String name, List<String> journeys, OnConflict onConflict) {}

    /** Which of two journeys of an exclusion group a customer stays in. */
    public enum OnConflict {
        /** The one the customer is in; the other is refused. */
        KEEP("keep"),
        /** The one with the higher priority; the one the customer is in where they are level. */
        HIGHER_PRIORITY("higher-priority");

        private final String word;

        OnConflict(String word) {
            this.word = word;
        }

        @JsonValue
        public String word() {
            return word;
        }

        @JsonCreator
        public static OnConflict of(String word) {
            return switch (word) {
                case "keep" -> KEEP;
                case "higher-priority" -> HIGHER_PRIORITY;
                default ->
                        throw new IllegalArgumentException(
                                "unknown rule '" + word + "', expected keep or higher-priority");
            };
        }
    }
}
