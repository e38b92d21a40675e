package io.throughline.identity.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConversionRulesTest {

    private static final Instant T = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void aConversionBeginsTheSilenceOfItsRule() {
        ConversionRules rules =
                rules(rule("Order Completed", null, DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(rules.silencesOf(track("Order Completed", Map.of())))
                .containsExactly(new Silence(null, T.plus(DAY)));
        assertThat(rules.silencesOf(track("Cart Viewed", Map.of()))).isEmpty();
    }

    @Test
    void aRuleForItsOwnJourneySilencesThatJourneyOnly() {
        ConversionRules rules =
                rules(rule("Order Completed", null, DAY, SilenceScope.THIS_JOURNEY));
        assertThat(rules.silencesOf(track("Order Completed", Map.of())))
                .containsExactly(new Silence("cart", T.plus(DAY)));
    }

    @Test
    void aConditionDecidesWhichEventsConvert() {
        ConversionRules rules =
                rules(
                        rule(
                                "Order Completed",
                                "event.properties.total > 20.0",
                                DAY,
                                SilenceScope.ALL_JOURNEYS));
        assertThat(rules.silencesOf(track("Order Completed", Map.of("total", 30)))).hasSize(1);
        assertThat(rules.silencesOf(track("Order Completed", Map.of("total", 3)))).isEmpty();
        assertThat(rules.silencesOf(track("Order Completed", Map.of()))).isEmpty();
    }

    @Test
    void aConditionThatDoesNotCompileCountsAsMet() {
        ConversionRules rules =
                rules(rule("Order Completed", "event.((", DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(rules.silencesOf(track("Order Completed", Map.of()))).hasSize(1);
    }

    @Test
    void aRuleWithoutASilenceBeginsNone() {
        ConversionRules rules =
                rules(rule("Order Completed", null, null, SilenceScope.ALL_JOURNEYS));
        assertThat(rules.silencesOf(track("Order Completed", Map.of()))).isEmpty();
    }

    @Test
    void ofSeveralSilencesForTheSameTheLongestCounts() {
        ContactPolicy initial = ContactPolicy.initial();
        ContactPolicy policy =
                new ContactPolicy(
                        2,
                        initial.caps(),
                        null,
                        null,
                        "UTC",
                        Map.of(),
                        initial.optOutCoversTransactional(),
                        List.of(
                                new ContactPolicy.ConversionSilence(
                                        "Order Completed", Duration.ofHours(1))));
        ConversionRules rules =
                ConversionRules.of(
                        policy,
                        published(
                                rule("Order Completed", null, DAY, SilenceScope.ALL_JOURNEYS),
                                rule("Order Completed", null, DAY, SilenceScope.THIS_JOURNEY)));
        assertThat(rules.silencesOf(track("Order Completed", Map.of())))
                .containsExactlyInAnyOrder(
                        new Silence(null, T.plus(DAY)), new Silence("cart", T.plus(DAY)));
    }

    @Test
    void whatIsPublishedLaterTakesThePlaceOfWhatWasBefore() {
        ConversionRulesPublished cart =
                journey("cart", rule("Order Completed", "true", DAY, SilenceScope.THIS_JOURNEY));
        ConversionRulesPublished quiz =
                journey("quiz", rule("Quiz Ended", "true", DAY, SilenceScope.THIS_JOURNEY));
        ConversionRulesPublished otherCart =
                journey("cart", rule("Cart Emptied", "true", DAY, SilenceScope.THIS_JOURNEY));
        ConversionRules before = ConversionRules.of(ContactPolicy.initial(), List.of(cart, quiz));
        ConversionRules after = before.changedTo(ContactPolicy.initial(), List.of(otherCart, quiz));
        assertThat(before.silencesOf(track("Order Completed", Map.of()))).hasSize(1);
        assertThat(after.silencesOf(track("Order Completed", Map.of()))).isEmpty();
        assertThat(after.silencesOf(track("Cart Emptied", Map.of()))).hasSize(1);
        assertThat(after.silencesOf(track("Quiz Ended", Map.of()))).hasSize(1);
        ConversionRules none = after.changedTo(ContactPolicy.initial(), List.of());
        assertThat(none.silencesOf(track("Quiz Ended", Map.of()))).isEmpty();
    }

    private static ConversionRulesPublished journey(String key, ConversionRule rule) {
        return new ConversionRulesPublished(key, 1, List.of(rule), T);
    }

    @Test
    void onlyTrackCallsConvert() {
        ConversionRules rules = rules(rule("Home", null, DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(rules.silencesOf(event(Kind.PAGE, "Home", Map.of()))).isEmpty();
    }

    private static ConversionRules rules(ConversionRule... rules) {
        return ConversionRules.of(ContactPolicy.initial(), published(rules));
    }

    private static List<ConversionRulesPublished> published(ConversionRule... rules) {
        return List.of(new ConversionRulesPublished("cart", 1, List.of(rules), T));
    }

    private static ConversionRule rule(
            String on, @Nullable String when, @Nullable Duration silence, SilenceScope covers) {
        return new ConversionRule(on, when, null, null, silence, covers);
    }

    private static AcceptedEvent track(String name, Map<String, Object> properties) {
        return event(Kind.TRACK, name, properties);
    }

    private static AcceptedEvent event(Kind kind, String name, Map<String, Object> properties) {
        return new AcceptedEvent(
                "m",
                "shop",
                kind,
                name,
                List.of(Identifier.of("user_id:u")),
                properties,
                Map.of(),
                Map.of(),
                T.minusSeconds(60),
                T,
                null,
                null);
    }
}
