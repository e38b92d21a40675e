package io.throughline.attribution.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Money;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionRulesTest {

    private static final UUID EVENT = new UUID(4, 4);
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final ConversionRules NONE = ConversionRules.of(List.of());

    @ParameterizedTest(name = "{0} is worth {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{'revenue':41.50,'subtotal':45,'total':52.10,'currency':'EUR'} | 41.50 EUR",
                "{'subtotal':45,'total':52.10,'currency':'EUR'}                 | 45.00 EUR",
                "{'total':52.10,'tax':5.1,'shipping':4,'currency':'EUR'}        | 43.00 EUR",
                "{'total':52.10,'tax':5.1,'currency':'EUR'}                     | 52.10 EUR",
                "{'value':20,'currency':'usd'}                                  | 20.00 USD",
                "{'revenue':'41.5','currency':'EUR'}                            | 41.50 EUR",
                "{'revenue':1000.6,'currency':'JPY'}                            | 1001 JPY",
                "{'revenue':1.2345,'currency':'BHD'}                            | 1.234 BHD",
                "{'revenue':10}                                                 | 10.00 XXX",
                "{'revenue':10,'currency':'euros'}                              | 10.00 XXX",
                "{'revenue':0,'total':5,'currency':'EUR'}                       | 0.00 EUR",
                "{'revenue':-3,'total':5,'currency':'EUR'}                      | 5.00 EUR",
                "{'revenue':1e300,'currency':'EUR'}                             | nothing",
                "{'revenue':'much','currency':'EUR'}                            | nothing",
                "{'revenue':'1e999999999','currency':'EUR'}                     | nothing",
                "{}                                                             | nothing",
            })
    void anOrderIsWorthWhatTheShopKeeps(String properties, String worth) {
        List<Achieved> achieved = NONE.conversions(EVENT, track("Order Completed", properties));

        assertThat(achieved)
                .singleElement()
                .satisfies(a -> {
                    assertThat(a.journey()).isEqualTo(Achieved.SHOP);
                    assertThat(words(a.value())).isEqualTo(worth);
                });
    }

    @Test
    void otherEventsAreConversionsOnlyByRule() {
        assertThat(NONE.conversions(EVENT, track("Cart Viewed", "{'value':5}"))).isEmpty();
        assertThat(
                        NONE.conversions(
                                EVENT, behaviour(Kind.PAGE, "Order Completed", "{'revenue':5}")))
                .isEmpty();
    }

    @Test
    void aJourneysGoalHasTheValueThatTheJourneyGivesIt() {
        ConversionRules rules =
                ConversionRules.of(
                        List.of(
                                published(
                                        "cart",
                                        rule("Order Completed", null, "event.properties.total"))));

        List<Achieved> achieved =
                rules.conversions(
                        EVENT,
                        track("Order Completed", "{'revenue':40,'total':52.1,'currency':'EUR'}"));

        assertThat(achieved).extracting(Achieved::journey).containsExactly("", "cart");
        assertThat(achieved)
                .extracting(a -> words(a.value()))
                .containsExactly("52.10 EUR", "52.10 EUR");
        assertThat(achieved.getLast().within()).isEqualTo(Duration.ofDays(3));
    }

    @Test
    void anEventIsOneConversionOfTheShopHoweverManyJourneysCallItTheirs() {
        ConversionRules rules =
                ConversionRules.of(
                        List.of(
                                published("b", rule("Trial Started", null, "2.0")),
                                published("a", rule("Trial Started", null, null)),
                                published("c", rule("Trial Started", "false", "3.0"))));

        List<Achieved> achieved = rules.conversions(EVENT, track("Trial Started", "{}"));

        assertThat(achieved).extracting(Achieved::journey).containsExactly("", "a", "b");
        assertThat(achieved)
                .extracting(a -> words(a.value()))
                .containsExactly("2.00 XXX", "nothing", "2.00 XXX");
    }

    @Test
    void aConditionThatDoesNotHoldOrCannotBeEvaluatedMakesNoConversion() {
        ConversionRules rules =
                ConversionRules.of(
                        List.of(
                                published(
                                        "big",
                                        rule("Deal Won", "event.properties.size > 10", null))));

        assertThat(rules.conversions(EVENT, track("Deal Won", "{'size':11}"))).hasSize(2);
        assertThat(rules.conversions(EVENT, track("Deal Won", "{'size':10}"))).isEmpty();
        assertThat(rules.conversions(EVENT, track("Deal Won", "{}"))).isEmpty();
    }

    @Test
    void aRuleThatDoesNotCompileIsToldOfAndTheOthersHold() {
        ConversionRules rules =
                ConversionRules.of(
                        List.of(
                                published(
                                        "odd",
                                        rule("Deal Won", "event.", null),
                                        rule("Deal Won", null, null))));

        assertThat(rules.broken()).singleElement().asString().startsWith("odd version 1");
        assertThat(rules.conversions(EVENT, track("Deal Won", "{}"))).hasSize(2);
    }

    @ParameterizedTest(name = "{0} {1} takes back {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Order Refunded  | {'order_id':'o1','total':10.5}                                    | 10.5",
                "Order Refunded  | {'order_id':'o1'}                                                 | all",
                "Order Refunded  | {'order_id':7,'products':[{'price':2,'quantity':3},{'price':1}]}  | 7",
                "Order Refunded  | {'order_id':'o1','products':[{'product_id':'p'}]}                 | all",
                "Order Cancelled | {'order_id':'o1','total':10.5}                                    | all",
                "Order Refunded  | {'total':10.5}                                                    | nothing",
                "Order Updated   | {'order_id':'o1','total':10.5}                                    | nothing",
            })
    void whatTakesAnOrderBack(String name, String properties, String amount) {
        String taken =
                ConversionRules.reversal(EVENT, track(name, properties))
                        .map(r -> r.amount() == null ? "all" : r.amount().toPlainString())
                        .orElse("nothing");

        assertThat(taken).isEqualTo(amount);
    }

    private static String words(@Nullable Money value) {
        return value == null ? "nothing" : value.amount().toPlainString() + " " + value.currency();
    }

    private static ConversionRulesPublished published(String journey, ConversionRule... rules) {
        return new ConversionRulesPublished(journey, 1, List.of(rules), NOON);
    }

    private static ConversionRule rule(String on, @Nullable String when, @Nullable String value) {
        return new ConversionRule(
                on, when, value, Duration.ofDays(3), null, SilenceScope.ALL_JOURNEYS);
    }

    private static BehaviourRecorded track(String name, String properties) {
        return behaviour(Kind.TRACK, name, properties);
    }

    private static BehaviourRecorded behaviour(Kind kind, String name, String properties) {
        return new BehaviourRecorded(
                new CustomerId(new UUID(1, 1)),
                "m-1",
                "local",
                kind,
                name,
                json(properties),
                Map.of(),
                List.of(),
                NOON,
                NOON);
    }

    private static Map<String, Object> json(String text) {
        try {
            return ContractJson.mapper()
                    .readValue(text.replace('\'', '"'), new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    @Test
    void aLongOrderIdIsCut() {
        Achieved achieved =
                NONE.conversions(
                                EVENT,
                                track(
                                        "Order Completed",
                                        "{'order_id':'" + "9".repeat(5_000) + "'}"))
                        .getFirst();

        assertThat(achieved.orderId()).hasSize(200);
        assertThat(achieved.gross()).isNull();
    }
}
