package io.throughline.contracts.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
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
 * @param gaps at least so much time between two contacts that are counted together; {@code
 *     minimumGap} is the short form of a global one
 * @param categories what each category may pass; one that is not named is as it always was
 * @param refund which messages cease to count that were handed over and did not arrive
 * @param arbitration how journeys share what the caps leave; absent for {@link Arbitration#DEFAULT}
 * @param exclusionGroups journeys of which a customer is in at most one at a time; absent for none
 * @param moreQuietHours besides {@code quietHours}, where there is more than one such rule; apart
 *     from it because there was only one once
 * @param legalPresets which quiet hours of the law hold besides: ids of presets, or what ids begin
 *     with, as in {@code us}, or {@code all}
 * @param fatigue how caps tighten for who has had enough; absent where they do not
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
        List<Gap> gaps,
        Map<Category, CategoryRule> categories,
        Refund refund,
        @Nullable Arbitration arbitration,
        @Nullable List<ExclusionGroup> exclusionGroups,
        @Nullable List<QuietHours> moreQuietHours,
        @Nullable List<String> legalPresets,
        @Nullable Fatigue fatigue) {

    /** What an older writer left out is none. */
    public ContactPolicy {
        gaps = gaps == null ? List.of() : gaps;
        categories = categories == null ? Map.of() : categories;
        refund = refund == null ? Refund.INITIAL : refund;
    }

    /** Without what only some policies have. */
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
                List.of(),
                Map.of(),
                Refund.INITIAL,
                null,
                null,
                null,
                null,
                null);
    }

    /** The same but for what is set here: the one place where a policy is copied. */
    private final class Changed {

        private int newVersion = version;
        private @Nullable QuietHours quiet = quietHours;
        private @Nullable List<QuietHours> moreQuiet = moreQuietHours;
        private @Nullable List<String> presets = legalPresets;
        private @Nullable Arbitration arbitrated = arbitration;
        private @Nullable List<ExclusionGroup> groups = exclusionGroups;
        private @Nullable Fatigue tiring = fatigue;

        ContactPolicy policy() {
            return new ContactPolicy(
                    newVersion,
                    caps,
                    minimumGap,
                    quiet,
                    defaultTimeZone,
                    consent,
                    optOutCoversTransactional,
                    silences,
                    gaps,
                    categories,
                    refund,
                    arbitrated,
                    groups,
                    moreQuiet,
                    presets,
                    tiring);
        }
    }

    public ContactPolicy withVersion(int newVersion) {
        Changed changed = new Changed();
        changed.newVersion = newVersion;
        return changed.policy();
    }

    public ContactPolicy withArbitration(
            @Nullable Arbitration newArbitration, List<ExclusionGroup> newGroups) {
        Changed changed = new Changed();
        changed.arbitrated = newArbitration;
        changed.groups = newGroups;
        return changed.policy();
    }

    public ContactPolicy withFatigue(@Nullable Fatigue newFatigue) {
        Changed changed = new Changed();
        changed.tiring = newFatigue;
        return changed.policy();
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

    /** As the policy says, or where it does not, as it always was. */
    public CategoryRule categoryRule(Category category) {
        CategoryRule rule = categories.get(category);
        return rule == null ? CategoryRule.initial(category) : rule;
    }

    /** How far ahead of its time a planned contact holds room; zero where none does. */
    public Duration arbitrationWindow() {
        return arbitration == null ? Arbitration.DEFAULT : arbitration.window();
    }

    /** The exclusion groups; empty where the policy names none. */
    public List<ExclusionGroup> groups() {
        return exclusionGroups == null ? List.of() : exclusionGroups;
    }

    /** The same with other quiet hours. */
    public ContactPolicy quietBy(List<QuietHours> rules, List<String> presets) {
        Changed changed = new Changed();
        changed.quiet = rules.isEmpty() ? null : rules.getFirst();
        changed.moreQuiet = rules.size() < 2 ? null : List.copyOf(rules.subList(1, rules.size()));
        changed.presets = presets.isEmpty() ? null : List.copyOf(presets);
        return changed.policy();
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
     * How far back contacts have to be known: as far as the longest window over which one still
     * counts, or over which it is looked whether one was ignored; zero where there is none.
     */
    public Duration horizon() {
        Duration longest = longestWindow();
        return fatigue == null || fatigue.within() == null
                ? longest
                : longer(longest, fatigue.within());
    }

    /** The window over which it is looked whether contacts were ignored. */
    public Duration fatigueWindow() {
        return fatigue == null || fatigue.within() == null ? longestWindow() : fatigue.within();
    }

    private Duration longestWindow() {
        Duration longest = minimumGap == null ? Duration.ZERO : minimumGap;
        for (Cap cap : caps) {
            longest = longer(longest, cap.per());
        }
        for (Gap gap : gaps) {
            longest = longer(longest, gap.per());
        }
        return longest;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /**
     * Over what a cap or a gap goes. It has these words alone, since an older reader knows no
     * others: one that is among the contacts of a category or a topic says so beside a scope of
     * {@code global}, which such a reader takes for a cap on all contacts, stricter and never
     * looser.
     */
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
                        "unknown scope '"
                                + word
                                + "', expected global, channel, category, topic or journey",
                        e);
            }
        }
    }

    /** What the contacts that are counted together have in common with the message. */
    public enum Alike {
        ANY,
        CHANNEL,
        CATEGORY,
        TOPIC,
        JOURNEY;

        /**
         * A message's channel, category, topic or journey, whichever it is about; empty for any,
         * absent for a message without.
         */
        public @Nullable String valueOf(
                Channel channel,
                Category category,
                @Nullable String topic,
                @Nullable String journey) {
            return switch (this) {
                case ANY -> "";
                case CHANNEL -> channel.word();
                case CATEGORY -> category.word();
                case TOPIC -> topic;
                case JOURNEY -> journey;
            };
        }
    }

    /** What a cap or a gap that names no value is for each value of, by itself. */
    public enum Each {
        CATEGORY,
        TOPIC;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        public static Each of(String word) {
            try {
                return valueOf(word.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "unknown word '" + word + "', expected category or topic", e);
            }
        }
    }

    /**
     * Which contacts are counted together: those that are alike a message, for messages with the
     * value that is named, or for each value by itself where none is.
     */
    public record Among(Alike alike, @Nullable String named) {

        private static Among of(
                Scope scope,
                @Nullable Channel channel,
                @Nullable Category category,
                @Nullable String topic,
                @Nullable String journey,
                @Nullable Each each) {
            if (channel != null && scope != Scope.CHANNEL) {
                throw new IllegalArgumentException("only one with scope channel names a channel");
            }
            if (journey != null && scope != Scope.JOURNEY) {
                throw new IllegalArgumentException("only one with scope journey names a journey");
            }
            boolean narrowed = category != null || topic != null || each != null;
            if (narrowed && scope != Scope.GLOBAL) {
                throw new IllegalArgumentException(
                        "only one with scope global is among a category's or a topic's contacts");
            }
            if ((category != null && topic != null)
                    || (each != null && (category != null || topic != null))) {
                throw new IllegalArgumentException(
                        "names one category, or one topic, or is for each of either");
            }
            return switch (scope) {
                case CHANNEL -> new Among(Alike.CHANNEL, channel == null ? null : channel.word());
                case JOURNEY -> new Among(Alike.JOURNEY, journey);
                case GLOBAL -> {
                    if (category != null || each == Each.CATEGORY) {
                        yield new Among(Alike.CATEGORY, category == null ? null : category.word());
                    }
                    yield topic != null || each == Each.TOPIC
                            ? new Among(Alike.TOPIC, topic)
                            : new Among(Alike.ANY, null);
                }
            };
        }

        /**
         * Whether it is for a message.
         *
         * @param topic of the message; absent where it has none
         * @param journey of the message; absent where it has none
         */
        public boolean covers(
                Channel channel,
                Category category,
                @Nullable String topic,
                @Nullable String journey) {
            String value = alike.valueOf(channel, category, topic, journey);
            return value != null && (named == null || named.equals(value));
        }

        /**
         * What a rule's name says: a channel and a category always, a topic and a journey where one
         * is named.
         */
        private @Nullable String said(Channel channel, Category category) {
            return switch (alike) {
                case ANY -> null;
                case CHANNEL -> channel.word();
                case CATEGORY -> category.word();
                case TOPIC, JOURNEY -> named;
            };
        }
    }

    /**
     * At most {@code max} contacts within any window of length {@code per}: a contact at {@code s}
     * counts for every instant in {@code [s, s + per)}.
     *
     * @param channel with scope channel, the one meant; absent for each channel by itself
     * @param category with scope global, counts only contacts of this category, for messages of it
     * @param topic with scope global, counts only contacts of this topic, for messages of it
     * @param journey with scope journey, the one meant; absent for each journey by itself
     * @param each with scope global, as {@code category} or {@code topic} but for each of them
     */
    public record Cap(
            Scope scope,
            @Nullable Channel channel,
            int max,
            Duration per,
            @Nullable Category category,
            @Nullable String topic,
            @Nullable String journey,
            @Nullable Each each) {

        public Cap {
            if (max < 0) {
                throw new IllegalArgumentException("a cap's max is 0 or more, was " + max);
            }
            longerThanNothing("a cap's window", per);
            Among unused = Among.of(scope, channel, category, topic, journey, each);
        }

        public Cap(Scope scope, @Nullable Channel channel, int max, Duration per) {
            this(scope, channel, max, per, null, null, null, null);
        }

        public static Cap among(
                @Nullable Category category, @Nullable String topic, int max, Duration per) {
            return new Cap(Scope.GLOBAL, null, max, per, category, topic, null, null);
        }

        public static Cap forEach(Each each, int max, Duration per) {
            return new Cap(Scope.GLOBAL, null, max, per, null, null, null, each);
        }

        public Among among() {
            return Among.of(scope, channel, category, topic, journey, each);
        }

        /**
         * As it stands in verdicts: {@code cap:global:P1D}, {@code cap:channel:sms:P1D}, {@code
         * cap:category:marketing:P7D}, {@code cap:topic:offers:P1D}, {@code cap:journey:P7D}.
         *
         * @param of the message's
         * @param ofCategory the message's
         */
        public String rule(Channel of, Category ofCategory) {
            Among among = among();
            return new LimitName(among.alike(), among.said(of, ofCategory), per).text();
        }
    }

    /**
     * At least {@code per} between two contacts that are counted together; which, as with a {@link
     * Cap}.
     */
    public record Gap(
            Scope scope,
            @Nullable Channel channel,
            Duration per,
            @Nullable Category category,
            @Nullable String topic,
            @Nullable String journey,
            @Nullable Each each) {

        public Gap {
            longerThanNothing("a gap", per);
            Among unused = Among.of(scope, channel, category, topic, journey, each);
        }

        public Among among() {
            return Among.of(scope, channel, category, topic, journey, each);
        }

        /** As it stands in verdicts: {@code gap:global}, {@code gap:channel:sms}. */
        public String rule(Channel of, Category ofCategory) {
            Among among = among();
            return new LimitName(among.alike(), among.said(of, ofCategory), null).text();
        }
    }

    private static void longerThanNothing(String what, Duration per) {
        if (per.isNegative() || per.isZero()) {
            throw new IllegalArgumentException(what + " is longer than nothing, was " + per);
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

    /**
     * What messages of a category may pass. Never an opt-out: whether that covers transactional
     * messages is the channel's to say.
     *
     * @param passes what does not hold such messages back
     * @param counts whether such contacts count against messages of other categories; among
     *     themselves they do in any case
     */
    public record CategoryRule(Set<Passable> passes, boolean counts) {

        static CategoryRule initial(Category category) {
            return new CategoryRule(
                    category == Category.TRANSACTIONAL ? EnumSet.allOf(Passable.class) : Set.of(),
                    true);
        }

        public boolean passes(Passable rule) {
            return passes.contains(rule);
        }
    }

    /**
     * Which messages cease to count though they were handed over. What was delivered counts in any
     * case.
     *
     * @param undelivered those of which the carrier says that they could not be delivered
     * @param expired those that the carrier gave up because their time was over
     */
    public record Refund(boolean undelivered, boolean expired) {

        static final Refund INITIAL = new Refund(true, false);
    }

    /**
     * Caps tighten for who ignores what she is sent, or nearly left, and loosen back. Of all shares
     * that apply the smallest does. Gaps stay as they are, and transactional messages heed none of
     * it.
     *
     * @param within the window in which contacts count as ignored; absent for the longest window of
     *     the policy's caps and gaps
     * @param steps each with more ignored contacts and a smaller share than the one before
     * @param nearlyLeft absent where an opt-out of something else tightens nothing
     * @param least what a tightened cap allows at least, as long as the cap itself does; absent for
     *     one
     */
    public record Fatigue(
            @Nullable Duration within,
            List<Step> steps,
            @Nullable NearlyLeft nearlyLeft,
            @Nullable Integer least) {

        /** Nothing was said. */
        public Fatigue {
            steps = steps == null ? List.of() : steps;
        }

        /**
         * What is left of a cap: its share, rounded down.
         *
         * @param max what it allows
         */
        public int tightened(int max, BigDecimal share) {
            int left = share.multiply(BigDecimal.valueOf(max)).intValue();
            return Math.min(max, Math.max(least == null ? 1 : least, left));
        }
    }

    /**
     * @param ignored so many contacts, or more, since the customer last engaged
     * @param share of each cap that is left, more than 0 and at most 1
     */
    public record Step(int ignored, @JsonFormat(shape = JsonFormat.Shape.STRING) BigDecimal share) {

        public Step {
            aShare(share);
            if (ignored < 1) {
                throw new IllegalArgumentException("ignored is 1 or more, was " + ignored);
            }
        }
    }

    /**
     * @param within for so long after the customer last opted out of something
     * @param share of each cap that is left, more than 0 and at most 1
     */
    public record NearlyLeft(
            Duration within, @JsonFormat(shape = JsonFormat.Shape.STRING) BigDecimal share) {

        public NearlyLeft {
            aShare(share);
            longerThanNothing("the time after an opt-out", within);
        }
    }

    private static void aShare(BigDecimal share) {
        if (share.signum() <= 0 || share.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException(
                    "a share is more than 0 and at most 1, was " + share);
        }
    }

    /** What the policy can let a category pass. */
    public enum Passable {
        CAPS("caps"),
        GAPS("gaps"),
        QUIET_HOURS("quiet-hours"),
        SILENCES("silences");

        private final String word;

        Passable(String word) {
            this.word = word;
        }

        @JsonValue
        public String word() {
            return word;
        }

        @JsonCreator
        public static Passable of(String word) {
            return Arrays.stream(values())
                    .filter(p -> p.word.equals(word))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException(
                                    "unknown rule '"
                                            + word
                                            + "', expected caps, gaps, quiet-hours or silences"));
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
     * @param categories the only ones it covers; absent where it covers all that heed silences
     * @param liftedBy names of events that lift the silence of the order they are about
     */
    public record ConversionSilence(
            String on,
            Duration period,
            @Nullable Set<Category> categories,
            @Nullable Set<String> liftedBy) {

        public ConversionSilence(String on, Duration period) {
            this(on, period, null, null);
        }
    }

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
