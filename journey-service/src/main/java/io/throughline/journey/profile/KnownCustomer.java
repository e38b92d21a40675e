package io.throughline.journey.profile;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.journey.choice.Engagement;
import io.throughline.journey.engine.CustomerView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The journey service's copy of one customer. Every change may come twice and late: the profile
 * with the highest version stays, and of two consents the later.
 *
 * @param profileVersion 0 until a profile came
 * @param addresses where each channel reaches the customer
 * @param zone tz database name, where known
 * @param locale BCP 47 tag, where known
 * @param whereabouts for quiet hours; absent where the zone is all there is
 * @param consents the latest word for each channel and topic
 * @param segments the keys of those the customer is in
 * @param joinedAt when another was last merged into this one; absent where none ever was
 */
public record KnownCustomer(
        CustomerId id,
        long profileVersion,
        Map<String, Object> traits,
        Map<Channel, String> addresses,
        @Nullable String zone,
        @Nullable String locale,
        @Nullable Whereabouts whereabouts,
        List<Consent> consents,
        Map<Channel, Engagement> engagement,
        Set<String> segments,
        Scores scores,
        @Nullable Instant joinedAt) {

    public KnownCustomer {
        // Traits may hold nulls: an SDK unsets one that way.
        traits = Collections.unmodifiableMap(new LinkedHashMap<>(traits));
        addresses = Map.copyOf(addresses);
        consents = List.copyOf(consents);
        engagement = Map.copyOf(engagement);
        segments = Set.copyOf(segments);
    }

    /**
     * @param topic absent where the whole channel is meant
     */
    public record Consent(Channel channel, @Nullable String topic, ConsentState state, Instant at) {

        boolean isAbout(Channel aChannel, @Nullable String aTopic) {
            return channel == aChannel && Objects.equals(topic, aTopic);
        }

        /** The one that counts: the later, and at the same instant the opt-out. */
        Consent latest(Consent other) {
            int order = at.compareTo(other.at);
            if (order == 0) {
                return state == ConsentState.OPTED_OUT ? this : other;
            }
            return order > 0 ? this : other;
        }

        /**
         * What counts when two customers turn out to be one: an opt-out, whenever, and as of the
         * later of both, so that an opt-in from between them does not lift it.
         */
        Consent strictest(Consent other) {
            Consent later = latest(other);
            boolean out = state == ConsentState.OPTED_OUT || other.state == ConsentState.OPTED_OUT;
            return new Consent(
                    channel,
                    topic,
                    out ? ConsentState.OPTED_OUT : ConsentState.OPTED_IN,
                    later.at());
        }
    }

    /** How two words about the same channel and topic become one. */
    private interface Rule {
        Consent of(Consent one, Consent other);
    }

    public static KnownCustomer stranger(CustomerId id) {
        return new KnownCustomer(
                id,
                0,
                Map.of(),
                Map.of(),
                null,
                null,
                null,
                List.of(),
                Map.of(),
                Set.of(),
                Scores.NONE,
                null);
    }

    public KnownCustomer with(ProfileChanged profile) {
        return profile.version() <= profileVersion
                ? this
                : new KnownCustomer(
                        id,
                        profile.version(),
                        profile.traits(),
                        profile.addresses(),
                        profile.timeZone(),
                        profile.locale(),
                        profile.whereabouts(),
                        consents,
                        engagement,
                        segments,
                        scores,
                        joinedAt);
    }

    public KnownCustomer with(ConsentChanged change) {
        return saying(joined(consents, List.of(word(change)), Consent::latest));
    }

    /** What somebody said before being merged into this one, where it comes after the merge. */
    public KnownCustomer withEarlier(ConsentChanged change) {
        return saying(joined(consents, List.of(word(change)), this::atTheMerge));
    }

    private static Consent word(ConsentChanged change) {
        return new Consent(change.channel(), change.topic(), change.state(), change.occurredAt());
    }

    /** As if it had come in time, unless the customer has spoken again since. */
    private Consent atTheMerge(Consent known, Consent late) {
        return joinedAt != null && known.at().isAfter(joinedAt)
                ? known.latest(late)
                : known.strictest(late);
    }

    /**
     * This customer after some of what was hers, or an other's, turned out to be the other's:
     * nothing that was predicted before counts any more.
     *
     * @param standing what counted of the consents then. It comes in the place of all that was said
     *     before; where somebody was merged into this one since, it does not know of that, and is
     *     joined as the merge would have done
     */
    public KnownCustomer takenApart(Collection<IdentifiersUnlinked.Consent> standing, Instant at) {
        List<Consent> stated =
                standing.stream()
                        .map(c -> new Consent(c.channel(), c.topic(), c.state(), c.at()))
                        .toList();
        List<Consent> said =
                joinedAt != null && joinedAt.isAfter(at)
                        ? joined(consents, stated, this::atTheMerge)
                        : joined(
                                stated,
                                consents.stream().filter(c -> c.at().isAfter(at)).toList(),
                                Consent::latest);
        return saying(said).expecting(scores.takenApart(at));
    }

    /** A model said what it expects of the customer. */
    public KnownCustomer with(ScoresPredicted predicted) {
        return expecting(scores.with(predicted));
    }

    /** The customer is in a segment from here on. */
    public KnownCustomer in(String segment) {
        Set<String> more = new HashSet<>(segments);
        more.add(segment);
        return among(more);
    }

    /** The customer is in a segment no longer. */
    public KnownCustomer notIn(String segment) {
        Set<String> fewer = new HashSet<>(segments);
        fewer.remove(segment);
        return among(fewer);
    }

    /** A message went out on a channel. */
    public KnownCustomer reached(Channel channel) {
        return answering(channel, new Engagement(1, 0));
    }

    /** A message on a channel was answered for the first time. */
    public KnownCustomer answered(Channel channel) {
        return answering(channel, new Engagement(0, 1));
    }

    /**
     * This customer after another one turned out to be the same: this one's traits and addresses
     * before the other's, the strictest consents, the answers and segments of both, of each score
     * the later.
     */
    public KnownCustomer joinedWith(KnownCustomer merged, Instant at) {
        Map<String, Object> allTraits = new LinkedHashMap<>(merged.traits);
        allTraits.putAll(traits);
        Map<Channel, String> allAddresses = new EnumMap<>(Channel.class);
        allAddresses.putAll(merged.addresses);
        allAddresses.putAll(addresses);
        Map<Channel, Engagement> answers = new EnumMap<>(Channel.class);
        answers.putAll(engagement);
        Set<String> allSegments = new HashSet<>(segments);
        allSegments.addAll(merged.segments);
        merged.engagement.forEach(
                (channel, more) -> answers.merge(channel, more, Engagement::plus));
        return new KnownCustomer(
                id,
                profileVersion,
                allTraits,
                allAddresses,
                zone == null ? merged.zone : zone,
                locale == null ? merged.locale : locale,
                wherever(merged),
                joined(consents, merged.consents, Consent::strictest),
                answers,
                allSegments,
                scores.joinedWith(merged.scores),
                joinedAt == null || at.isAfter(joinedAt) ? at : joinedAt);
    }

    public CustomerView view() {
        Map<String, ConsentState> words = new LinkedHashMap<>();
        for (Consent consent : consents) {
            String topic = consent.topic();
            String channel = consent.channel().word();
            words.put(topic == null ? channel : channel + ":" + topic, consent.state());
        }
        return new CustomerView(
                id,
                traits,
                addresses,
                zone,
                locale,
                whereabouts,
                engagement,
                scores.values(),
                words,
                segments);
    }

    /** She may be wherever either may, as the gate takes it until the next profile says better. */
    private @Nullable Whereabouts wherever(KnownCustomer merged) {
        return whereabouts == null || merged.whereabouts == null
                ? whereabouts == null ? merged.whereabouts : whereabouts
                : whereabouts.and(merged.whereabouts);
    }

    private static List<Consent> joined(List<Consent> some, List<Consent> more, Rule rule) {
        List<Consent> all = new ArrayList<>(some);
        for (Consent word : more) {
            int known = indexOf(all, word);
            if (known < 0) {
                all.add(word);
            } else {
                all.set(known, rule.of(all.get(known), word));
            }
        }
        return all;
    }

    private static int indexOf(List<Consent> all, Consent word) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isAbout(word.channel(), word.topic())) {
                return i;
            }
        }
        return -1;
    }

    private KnownCustomer saying(List<Consent> words) {
        return new KnownCustomer(
                id,
                profileVersion,
                traits,
                addresses,
                zone,
                locale,
                whereabouts,
                words,
                engagement,
                segments,
                scores,
                joinedAt);
    }

    private KnownCustomer expecting(Scores predicted) {
        return new KnownCustomer(
                id,
                profileVersion,
                traits,
                addresses,
                zone,
                locale,
                whereabouts,
                consents,
                engagement,
                segments,
                predicted,
                joinedAt);
    }

    private KnownCustomer among(Set<String> changed) {
        return new KnownCustomer(
                id,
                profileVersion,
                traits,
                addresses,
                zone,
                locale,
                whereabouts,
                consents,
                engagement,
                changed,
                scores,
                joinedAt);
    }

    private KnownCustomer answering(Channel channel, Engagement more) {
        Map<Channel, Engagement> answers = new EnumMap<>(Channel.class);
        answers.putAll(engagement);
        answers.merge(channel, more, Engagement::plus);
        return new KnownCustomer(
                id,
                profileVersion,
                traits,
                addresses,
                zone,
                locale,
                whereabouts,
                consents,
                answers,
                segments,
                scores,
                joinedAt);
    }
}
