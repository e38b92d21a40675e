package io.throughline.identity.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.governance.SilenceWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionRulesTest {

    private static final Instant T = Instant.parse("2026-11-23T10:00:00Z");
    private static final CustomerId ANA = CustomerId.of("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final Duration DAY = Duration.ofDays(1);

    @Test
    void aConversionBeginsTheSilenceOfItsRule() {
        ConversionRules rules =
                rules(rule("Order Completed", null, DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(silencesOf(rules, track("Order Completed", Map.of())))
                .containsExactly(silence(null));
        assertThat(silencesOf(rules, track("Cart Viewed", Map.of()))).isEmpty();
        assertThat(rules.isConversion(track("Order Completed", Map.of()))).isTrue();
        assertThat(rules.isConversion(track("Cart Viewed", Map.of()))).isFalse();
    }

    @Test
    void aRuleForItsOwnJourneySilencesThatJourneyOnly() {
        ConversionRules rules =
                rules(rule("Order Completed", null, DAY, SilenceScope.THIS_JOURNEY));
        assertThat(silencesOf(rules, track("Order Completed", Map.of())))
                .containsExactly(silence("cart"));
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
        assertThat(silencesOf(rules, track("Order Completed", Map.of("total", 30)))).hasSize(1);
        assertThat(silencesOf(rules, track("Order Completed", Map.of("total", 3)))).isEmpty();
        assertThat(silencesOf(rules, track("Order Completed", Map.of()))).isEmpty();
    }

    @Test
    void aConditionThatDoesNotCompileCountsAsMet() {
        ConversionRules rules =
                rules(rule("Order Completed", "event.((", DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(silencesOf(rules, track("Order Completed", Map.of()))).hasSize(1);
    }

    @Test
    void aRuleWithoutASilenceBeginsNone() {
        ConversionRules rules =
                rules(rule("Order Completed", null, null, SilenceScope.ALL_JOURNEYS));
        assertThat(silencesOf(rules, track("Order Completed", Map.of()))).isEmpty();
    }

    @Test
    void theSilencesOfAllRulesHoldBesideEachOther() {
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
        assertThat(silencesOf(rules, track("Order Completed", Map.of())))
                .containsExactlyInAnyOrder(
                        new Silence(null, T.plus(Duration.ofHours(1))),
                        silence(null),
                        silence("cart"));
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
        assertThat(silencesOf(before, track("Order Completed", Map.of()))).hasSize(1);
        assertThat(silencesOf(after, track("Order Completed", Map.of()))).isEmpty();
        assertThat(silencesOf(after, track("Cart Emptied", Map.of()))).hasSize(1);
        assertThat(silencesOf(after, track("Quiz Ended", Map.of()))).hasSize(1);
        ConversionRules none = after.changedTo(ContactPolicy.initial(), List.of());
        assertThat(silencesOf(none, track("Quiz Ended", Map.of()))).isEmpty();
    }

    private static ConversionRules lifted(@Nullable Set<Category> categories) {
        return rules(
                new ConversionRule(
                        "Order Completed",
                        null,
                        null,
                        null,
                        DAY,
                        SilenceScope.ALL_JOURNEYS,
                        categories,
                        Set.of("Order Refunded", "Order Cancelled")));
    }

    @Test
    void whatLiftsASilenceIsOfTheSameOrderAndNoOther() {
        ConversionRules rules = lifted(null);
        SilenceWrite begun = one(rules, "Order Completed", Map.of("order_id", "a1"));
        SilenceWrite ended = one(rules, "Order Refunded", Map.of("order_id", "a1"));
        SilenceWrite other = one(rules, "Order Cancelled", Map.of("order_id", "a2"));
        assertThat(begun.lifted()).isFalse();
        assertThat(ended.lifted()).isTrue();
        assertThat(ended.cause()).isEqualTo(begun.cause()).isNotEqualTo(other.cause());
        assertThat(ended.until()).isEqualTo(T.plus(DAY));
        // A number is as good a name.
        assertThat(one(rules, "Order Refunded", Map.of("order_id", 7)).cause())
                .isEqualTo(one(rules, "Order Completed", Map.of("order_id", "7")).cause());
    }

    @Test
    void nothingIsLiftedWithoutAnOrderOrByAnEventThatIsNotNamed() {
        ConversionRules rules = lifted(null);
        assertThat(rules.silencesOf(ANA, track("Order Refunded", Map.of()))).isEmpty();
        assertThat(rules.silencesOf(ANA, track("Order Refunded", Map.of("order_id", " "))))
                .isEmpty();
        assertThat(rules.silencesOf(ANA, track("Order Lost", Map.of("order_id", "a1")))).isEmpty();
        assertThat(rules.isConversion(track("Order Refunded", Map.of("order_id", "a1")))).isFalse();
        assertThat(
                        rules(rule("Order Completed", null, DAY, SilenceScope.ALL_JOURNEYS))
                                .silencesOf(ANA, track("Order Refunded", Map.of("order_id", "a1"))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T09:00:00Z, 2026-11-23T09:00:00Z",
        "2026-11-23T10:00:01Z, 2026-11-23T10:00:00Z",
        "+99999-01-01T00:00:00Z, 2026-11-23T10:00:00Z",
        "1960-01-01T00:00:00Z, 1970-01-01T00:00:00Z"
    })
    void nothingHappenedLaterThanItWasHeardOf(Instant occurredAt, Instant believed) {
        AcceptedEvent heard = track("Order Completed", Map.of("order_id", "a1"));
        AcceptedEvent dated =
                new AcceptedEvent(
                        heard.messageId(),
                        heard.source(),
                        heard.kind(),
                        heard.name(),
                        heard.identifiers(),
                        heard.properties(),
                        heard.traits(),
                        heard.context(),
                        occurredAt,
                        T,
                        null,
                        null);
        assertThat(lifted(null).silencesOf(ANA, dated).getFirst().at()).isEqualTo(believed);
    }

    @Test
    void ordersThatNothingLiftsAreOneCause() {
        ConversionRules rules =
                rules(rule("Order Completed", null, DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(one(rules, "Order Completed", Map.of("order_id", "a1")).cause())
                .isEqualTo(one(rules, "Order Completed", Map.of("order_id", "a2")).cause());
    }

    @Test
    void aSilenceOfCategoriesCoversThese() {
        assertThat(
                        one(lifted(Set.of(Category.MARKETING)), "Order Completed", Map.of())
                                .categories())
                .containsExactly(Category.MARKETING);
    }

    private static SilenceWrite one(
            ConversionRules rules, String event, Map<String, Object> properties) {
        List<SilenceWrite> silences = rules.silencesOf(ANA, track(event, properties));
        assertThat(silences).hasSize(1);
        return silences.getFirst();
    }

    /** What is silenced, and until when. */
    private record Silence(@Nullable String journey, Instant until) {}

    private static Silence silence(@Nullable String journey) {
        return new Silence(journey, T.plus(DAY));
    }

    private static List<Silence> silencesOf(ConversionRules rules, AcceptedEvent event) {
        return rules.silencesOf(ANA, event).stream()
                .map(silence -> new Silence(silence.journey(), silence.until()))
                .toList();
    }

    private static ConversionRulesPublished journey(String key, ConversionRule rule) {
        return new ConversionRulesPublished(key, 1, List.of(rule), T);
    }

    @Test
    void onlyTrackCallsConvert() {
        ConversionRules rules = rules(rule("Home", null, DAY, SilenceScope.ALL_JOURNEYS));
        assertThat(silencesOf(rules, event(Kind.PAGE, "Home", Map.of()))).isEmpty();
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
