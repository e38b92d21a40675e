package io.throughline.identity.preference;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.identity.consent.About;
import io.throughline.identity.preference.Choices.Change;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ChoicesTest {

    private static final About EMAIL = new About(Channel.EMAIL, null);
    private static final About OFFERS = new About(Channel.EMAIL, "offers");
    private static final Map<Channel, String> ADDRESSES =
            Map.of(Channel.EMAIL, "ana@example.com", Channel.SMS, "+34600111222");

    private static final PreferenceCentre CENTRE =
            new PreferenceCentre(
                    1,
                    null,
                    Map.of(),
                    null,
                    List.of(Channel.EMAIL, Channel.SMS, Channel.PUSH),
                    List.of(
                            new PreferenceCentre.Topic(
                                    "offers",
                                    Map.of("*", "Offers", "de", "Angebote"),
                                    Map.of(),
                                    List.of(Channel.EMAIL, Channel.SMS)),
                            new PreferenceCentre.Topic(
                                    "news", Map.of(), Map.of(), List.of(Channel.EMAIL))));

    @Test
    void aChannelWithoutAnAddressIsOfferedToNobody() {
        assertThat(choices(Map.of()).offers())
                .extracting(Choices.Offer::channel)
                .containsExactly(Channel.EMAIL, Channel.SMS);
    }

    @Test
    void addressesAreShownSoThatOnlyTheirOwnerKnowsThem() {
        assertThat(choices(Map.of()).offers())
                .extracting(Choices.Offer::address)
                .containsExactly("a•••@example.com", "•••222");
    }

    @Test
    void whatIsLeftAsItIsIsNotSaid() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            Choices choices = choices(said(random));
            assertThat(choices.after(shown(choices), null, choices.on())).isEmpty();
        }
    }

    /** It stops where she said stop elsewhere while the page was open. */
    @Test
    void whatIsLeftAsItWasShownStaysAsItIsByNow() {
        Random random = new Random(5);
        for (int i = 0; i < 500; i++) {
            Choices seen = choices(said(random));
            Choices now = choices(said(random));
            assertThat(now.after(shown(seen), seen.on(), seen.on())).isEmpty();
            Set<String> left = new HashSet<>(shown(seen));
            left.removeIf(name -> random.nextBoolean());
            for (Change change : now.after(shown(seen), seen.on(), left)) {
                String name = Choices.name(change.about());
                if (change.state() == ConsentState.OPTED_IN && change.about().topic() == null) {
                    assertThat(left).contains(name);
                    assertThat(seen.on()).doesNotContain(name);
                }
            }
        }
    }

    @Test
    void whoNeverAgreedToTheWholeChannelDoesNotByLeavingItsLastTopic() {
        Choices choices = choices(Map.of(OFFERS, ConsentState.OPTED_IN));
        assertThat(choices.after(shown(choices), choices.on(), Set.of("email")))
                .containsExactly(new Change(OFFERS, ConsentState.OPTED_OUT));
    }

    /** However somebody stands and whatever she ticks: it is what she gets and sees afterwards. */
    @Test
    void whatSomebodyChoosesIsWhatShowsAfterwards() {
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            Map<About, ConsentState> said = said(random);
            Choices before = choices(said);
            Set<String> chosen = new HashSet<>(shown(before));
            chosen.removeIf(name -> random.nextBoolean());
            before.after(shown(before), before.on(), chosen)
                    .forEach(c -> said.put(c.about(), c.state()));
            Choices after = choices(said);
            for (Choices.Offer offer : after.offers()) {
                String channel = Choices.name(new About(offer.channel(), null));
                assertThat(offer.on())
                        .isEqualTo(
                                chosen.contains(channel)
                                        && !leavesLastTopic(before, offer, chosen));
                if (offer.on() && !switchedOnAsItComes(before, offer, chosen)) {
                    for (Choices.TopicOffer topic : offer.topics()) {
                        assertThat(topic.on())
                                .isEqualTo(chosen.contains(channel + "/" + topic.topic()));
                    }
                }
            }
        }
    }

    @Test
    void nothingIsTickedOnAChannelThatIsOff() {
        for (Choices.Offer offer : choices(Map.of(OFFERS, ConsentState.OPTED_OUT)).offers()) {
            assertThat(offer.on()).isFalse();
            assertThat(offer.topics()).noneMatch(Choices.TopicOffer::on);
        }
    }

    @Test
    void whoSwitchesAChannelOnWithoutPickingWantsItAsItComes() {
        Choices choices = choices(Map.of(EMAIL, ConsentState.OPTED_OUT));
        assertThat(choices.after(shown(choices), choices.on(), Set.of("email")))
                .containsExactly(new Change(EMAIL, ConsentState.OPTED_IN));
    }

    private static boolean switchedOnAsItComes(
            Choices before, Choices.Offer offer, Set<String> chosen) {
        return picksNoTopic(offer, chosen)
                && before.offers().stream()
                        .anyMatch(was -> was.channel() == offer.channel() && !was.on());
    }

    private static boolean leavesLastTopic(
            Choices before, Choices.Offer offer, Set<String> chosen) {
        return picksNoTopic(offer, chosen)
                && before.offers().stream()
                        .anyMatch(was ->
                                was.channel() == offer.channel() && was.on() && !was.whole());
    }

    private static boolean picksNoTopic(Choices.Offer offer, Set<String> chosen) {
        return offer.topics().stream()
                .noneMatch(
                        t -> chosen.contains(Choices.name(new About(offer.channel(), t.topic()))));
    }

    @Test
    void whatWasNotShownIsNotTakenAway() {
        Choices choices = choices(Map.of(EMAIL, ConsentState.OPTED_IN));
        assertThat(choices.after(Set.of("sms"), null, Set.of())).isEmpty();
        assertThat(choices.after(Set.of("email"), null, Set.of("email"))).isEmpty();
    }

    @Test
    void aTopicGoesWithoutTheChannel() {
        Choices choices = choices(Map.of(EMAIL, ConsentState.OPTED_IN));
        assertThat(
                        choices.after(
                                Set.of("email", "email/offers", "email/news"),
                                null,
                                Set.of("email", "email/news")))
                .containsExactly(new Change(OFFERS, ConsentState.OPTED_OUT));
    }

    @Test
    void textsAreInTheLanguageThatIsThere() {
        assertThat(names("de")).containsExactly("Angebote", "news");
        assertThat(names("fr")).containsExactly("Offers", "news");
    }

    private static List<String> names(String language) {
        return Choices.of(CENTRE, ADDRESSES, Map.of(), Set.of(), language)
                .offers()
                .getFirst()
                .topics()
                .stream()
                .map(Choices.TopicOffer::name)
                .toList();
    }

    private static Choices choices(Map<About, ConsentState> said) {
        return Choices.of(CENTRE, ADDRESSES, said, Set.of(Channel.PUSH), "en");
    }

    private static Map<About, ConsentState> said(Random random) {
        Map<About, ConsentState> said = new HashMap<>();
        for (Channel channel : List.of(Channel.EMAIL, Channel.SMS, Channel.PUSH)) {
            for (String topic : new String[] {null, "offers", "news"}) {
                boolean offered = !"news".equals(topic) || channel == Channel.EMAIL;
                if (offered && random.nextInt(3) > 0) {
                    said.put(
                            new About(channel, topic),
                            random.nextBoolean() ? ConsentState.OPTED_IN : ConsentState.OPTED_OUT);
                }
            }
        }
        return said;
    }

    private static Set<String> shown(Choices choices) {
        Set<String> names = new TreeSet<>();
        for (Choices.Offer offer : choices.offers()) {
            names.add(Choices.name(new About(offer.channel(), null)));
            offer.topics()
                    .forEach(t -> names.add(Choices.name(new About(offer.channel(), t.topic()))));
        }
        return names;
    }
}
