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
            assertThat(choices.after(shown(choices), on(choices))).isEmpty();
        }
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
            before.after(shown(before), chosen).forEach(c -> said.put(c.about(), c.state()));
            Choices after = choices(said);
            for (Choices.Offer offer : after.offers()) {
                String channel = Choices.name(new About(offer.channel(), null));
                assertThat(offer.on()).isEqualTo(chosen.contains(channel));
                if (offer.on()) {
                    for (Choices.TopicOffer topic : offer.topics()) {
                        assertThat(topic.on())
                                .isEqualTo(chosen.contains(channel + "/" + topic.topic()));
                    }
                }
            }
        }
    }

    @Test
    void whatWasNotShownIsNotTakenAway() {
        Choices choices = choices(Map.of(EMAIL, ConsentState.OPTED_IN));
        assertThat(choices.after(Set.of("sms"), Set.of())).isEmpty();
        assertThat(choices.after(Set.of("email"), Set.of("email"))).isEmpty();
    }

    @Test
    void aTopicGoesWithoutTheChannel() {
        Choices choices = choices(Map.of(EMAIL, ConsentState.OPTED_IN));
        assertThat(
                        choices.after(
                                Set.of("email", "email/offers", "email/news"),
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
                if (random.nextInt(3) > 0) {
                    said.put(
                            new About(channel, topic),
                            random.nextBoolean() ? ConsentState.OPTED_IN : ConsentState.OPTED_OUT);
                }
            }
        }
        return said;
    }

    private static Set<String> shown(Choices choices) {
        return names(choices, false);
    }

    private static Set<String> on(Choices choices) {
        return names(choices, true);
    }

    private static Set<String> names(Choices choices, boolean onlyOn) {
        Set<String> names = new TreeSet<>();
        for (Choices.Offer offer : choices.offers()) {
            if (offer.on() || !onlyOn) {
                names.add(Choices.name(new About(offer.channel(), null)));
            }
            for (Choices.TopicOffer topic : offer.topics()) {
                if (topic.on() || !onlyOn) {
                    names.add(Choices.name(new About(offer.channel(), topic.topic())));
                }
            }
        }
        return names;
    }
}
