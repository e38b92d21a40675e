package io.throughline.journey.profile;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
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
        Set<String> segments) {

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

        /** The one that counts when two customers turn out to be one: an opt-out, whenever. */
        Consent strictest(Consent other) {
            return state == other.state
                    ? latest(other)
                    : state == ConsentState.OPTED_OUT ? this : other;
        }
    }

    /** How two words about the same channel and topic become one. */
    private interface Rule {
        Consent of(Consent one, Consent other);
    }

    public static KnownCustomer stranger(CustomerId id) {
        return new KnownCustomer(
                id, 0, Map.of(), Map.of(), null, null, null, List.of(), Map.of(), Set.of());
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
                        segments);
    }

    public KnownCustomer with(ConsentChanged change) {
        Consent word =
                new Consent(change.channel(), change.topic(), change.state(), change.occurredAt());
        return saying(joined(consents, List.of(word), Consent::latest));
    }

    /** What counts of the consents, in the place of all before. */
    public KnownCustomer consenting(Collection<IdentifiersUnlinked.Consent> standing) {
        return saying(
                standing.stream()
                        .map(c -> new Consent(c.channel(), c.topic(), c.state(), c.at()))
                        .toList());
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
     * before the other's, the strictest consents, the answers and segments of both.
     */
    public KnownCustomer joinedWith(KnownCustomer merged) {
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
                allSegments);
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
                Map.of(),
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
                segments);
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
                changed);
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
                segments);
    }
}
