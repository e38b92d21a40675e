package io.throughline.identity.preference;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.identity.consent.About;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one customer sees of the preference centre, and what follows from what she chooses.
 *
 * <p>A channel that is off is off with all its topics; one of which only topics were opted into is
 * off when the last of them is, since the whole of it was never agreed to. What is shown as it is
 * counts as not said: the ledger gets a line only for what somebody changed.
 */
public record Choices(List<Offer> offers) {

    /**
     * A channel.
     *
     * @param address where it reaches the customer, as far as it may be shown; absent where it does
     *     without
     * @param on whether messages of it come
     * @param whole whether topics come that nothing was said of; else only those opted into do
     */
    public record Offer(
            Channel channel,
            @Nullable String address,
            boolean on,
            boolean whole,
            List<TopicOffer> topics) {}

    /**
     * A topic on a channel.
     *
     * @param on whether it comes: nothing does while the channel is off
     * @param said what was said of it by itself
     */
    public record TopicOffer(
            String topic,
            String name,
            String description,
            boolean on,
            @Nullable ConsentState said) {}

    /** What the customer wants from now on. */
    public record Change(About about, ConsentState state) {}

    /**
     * @param addresses where each channel reaches the customer
     * @param said what counts of her consents
     * @param open channels that need no opt-in
     */
    public static Choices of(
            PreferenceCentre centre,
            Map<Channel, String> addresses,
            Map<About, ConsentState> said,
            Set<Channel> open,
            String language) {
        List<Offer> offers = new ArrayList<>();
        for (Channel channel : centre.channels()) {
            String address = addresses.get(channel);
            boolean spokenOf = said.keySet().stream().anyMatch(a -> a.channel() == channel);
            if (address != null || spokenOf) {
                boolean whole = isWhole(channel, said, open);
                boolean on = whole || isPartlyOn(channel, said);
                offers.add(
                        new Offer(
                                channel,
                                address == null ? null : masked(address),
                                on,
                                whole,
                                topics(
                                        centre,
                                        channel,
                                        said,
                                        about -> on && comes(said.get(about), whole),
                                        language)));
            }
        }
        return new Choices(offers);
    }

    /**
     * What a form that came back says. Only what was shown was chosen, so what is not on it stays;
     * and what was left as it was shown stays as it is by now.
     *
     * @param shown names of what was on the page, as {@link #name}
     * @param was those of them that were on when they were shown; absent where the form does not
     *     say, then those that are on now
     * @param left those of them that were on when it was sent
     */
    public List<Change> after(Set<String> shown, @Nullable Set<String> was, Set<String> left) {
        Set<String> chosen = chosen(was, left);
        List<Change> changes = new ArrayList<>();
        for (Offer offer : offers) {
            About whole = new About(offer.channel(), null);
            if (!shown.contains(name(whole))) {
                continue;
            }
            boolean on = chosen.contains(name(whole));
            if (!on && offer.on()) {
                changes.add(new Change(whole, ConsentState.OPTED_OUT));
            } else if (on) {
                if (!offer.on()) {
                    changes.add(new Change(whole, ConsentState.OPTED_IN));
                }
                // Who switches a channel on and picks none of its topics wants it as it comes.
                if (offer.on() || picksATopic(offer, chosen)) {
                    changes.addAll(topics(offer, !offer.on() || offer.whole(), shown, chosen));
                }
            }
        }
        return changes;
    }

    private static boolean picksATopic(Offer offer, Set<String> chosen) {
        return offer.topics().stream()
                .anyMatch(
                        topic -> chosen.contains(name(new About(offer.channel(), topic.topic()))));
    }

    /** What is to be on: as it was left where that is a change, else as it is. */
    private Set<String> chosen(@Nullable Set<String> was, Set<String> left) {
        if (was == null) {
            return left;
        }
        Set<String> chosen = new HashSet<>(on());
        left.stream().filter(name -> !was.contains(name)).forEach(chosen::add);
        was.stream().filter(name -> !left.contains(name)).forEach(chosen::remove);
        return chosen;
    }

    /** Names of what shows as on. */
    public Set<String> on() {
        Set<String> on = new TreeSet<>();
        for (Offer offer : offers) {
            if (offer.on()) {
                on.add(name(new About(offer.channel(), null)));
            }
            offer.topics().stream()
                    .filter(TopicOffer::on)
                    .forEach(topic -> on.add(name(new About(offer.channel(), topic.topic()))));
        }
        return on;
    }

    private static List<Change> topics(
            Offer offer, boolean whole, Set<String> shown, Set<String> chosen) {
        List<Change> changes = new ArrayList<>();
        for (TopicOffer topic : offer.topics()) {
            About about = new About(offer.channel(), topic.topic());
            boolean wanted = chosen.contains(name(about));
            if (shown.contains(name(about)) && wanted != comes(topic.said(), whole)) {
                changes.add(new Change(about, state(wanted)));
            }
        }
        return changes;
    }

    private static boolean comes(@Nullable ConsentState said, boolean whole) {
        return whole ? said != ConsentState.OPTED_OUT : said == ConsentState.OPTED_IN;
    }

    /** How a choice is called on the form: the channel, or the channel and the topic. */
    public static String name(About about) {
        String channel = about.channel().word();
        return about.topic() == null ? channel : channel + "/" + about.topic();
    }

    private static boolean isWhole(
            Channel channel, Map<About, ConsentState> said, Set<Channel> open) {
        ConsentState whole = said.get(new About(channel, null));
        return whole == null ? open.contains(channel) : whole == ConsentState.OPTED_IN;
    }

    /** One topic was opted into, and the channel was not opted out of. */
    private static boolean isPartlyOn(Channel channel, Map<About, ConsentState> said) {
        return !said.containsKey(new About(channel, null))
                && said.entrySet().stream()
                        .anyMatch(e ->
                                e.getKey().channel() == channel
                                        && e.getValue() == ConsentState.OPTED_IN);
    }

    private static List<TopicOffer> topics(
            PreferenceCentre centre,
            Channel channel,
            Map<About, ConsentState> said,
            Predicate<About> on,
            String language) {
        Map<String, TopicOffer> offers = new LinkedHashMap<>();
        for (PreferenceCentre.Topic topic : centre.topics()) {
            if (topic.channels().contains(channel)) {
                About about = new About(channel, topic.topic());
                String name = PreferenceCentre.in(topic.name(), language);
                offers.put(
                        topic.topic(),
                        new TopicOffer(
                                topic.topic(),
                                name.isEmpty() ? topic.topic() : name,
                                PreferenceCentre.in(topic.description(), language),
                                on.test(about),
                                said.get(about)));
            }
        }
        return List.copyOf(offers.values());
    }

    private static ConsentState state(boolean on) {
        return on ? ConsentState.OPTED_IN : ConsentState.OPTED_OUT;
    }

    /** Enough for its owner to know it by, and too little for anybody else to use. */
    public static String masked(String address) {
        int at = address.indexOf('@');
        if (at > 0) {
            return address.charAt(0) + "•••" + address.substring(at);
        }
        return address.length() <= 4 ? "•••" : "•••" + address.substring(address.length() - 3);
    }
}
