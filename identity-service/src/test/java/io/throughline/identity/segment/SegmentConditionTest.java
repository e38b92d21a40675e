package io.throughline.identity.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.segment.SegmentCondition.Reason;
import io.throughline.identity.segment.SegmentCondition.Standing;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentConditionTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What editors are given; it and the reader agree on what is right. */
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(
                            SegmentConditionTest.class.getResourceAsStream("/segment.schema.json"));

    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(1, 2));

    /** Two orders, five and forty days ago; opted in to SMS; gold. */
    private static final Facts FACTS =
            new Facts(
                    ANA,
                    Map.of(
                            "plan",
                            "gold",
                            "orders",
                            2,
                            "favourite colour",
                            "red",
                            "tags",
                            List.of("vip", "beta"),
                            "address",
                            Map.of("city", "Madrid"),
                            "first_seen",
                            "2026-11-16T12:00:00Z"),
                    Map.of("sms", "opted_in", "email:offers", "opted_out"),
                    Map.of("purchase_30d", 0.7),
                    List.of(order(5, 80, "shoes"), order(40, 30, "hats")));

    private static Happening order(int daysAgo, int total, String category) {
        return new Happening(
                "Order Completed",
                NOW.minus(Duration.ofDays(daysAgo)),
                Map.of("total", total, "category", category));
    }

    private static Standing standing(String text) throws ExpressionException {
        return SegmentCondition.of(text).evaluate(FACTS, Set.of("vip"), NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "customer.plan == 'gold' && count('Order Completed', 'P30D') >= 1; true",
                "count('Order Completed') == 2; true",
                "count('Order Completed', 'P30D', event.properties.category == 'hats') == 0; true",
                "count('Order Completed', event.properties.total > 50) == 1; true",
                "sum('Order Completed', 'total') == 110; true",
                "sum('Order Completed', 'total', 'P30D') > 80.5; false",
                "sum('Order Completed', 'total', event.properties.category == 'hats') == 30; true",
                "last('Order Completed') > timestamp('2026-11-01T00:00:00Z'); true",
                "last('Cart Viewed') > timestamp('2026-11-01T00:00:00Z'); false",
                "!(last('Cart Viewed') > timestamp('2026-11-01T00:00:00Z')); true",
                "within(customer.first_seen, 'P10D'); false",
                "within(customer.first_seen, 'P11D'); true",
                "within(customer.plan, 'P11D'); false",
                "segment('vip') && !segment('churned'); true",
                "customer.consents.sms == 'opted_in'; true",
                "customer.consents['email:offers'] == 'opted_out'; true",
                "customer.scores.purchase_30d > 0.5; true",
                "customer.scores.churn > 0.5; false",
                "customer.id == '00000000-0000-0001-0000-000000000002'; true",
            })
    void holdsOrNot(String text, boolean in) throws ExpressionException {
        assertThat(standing(text).in()).isEqualTo(in);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "count('Order Completed', 'P30D') >= 1; 2026-12-21T12:00:00Z",
                "count('Order Completed', 'P45D') >= 2; 2026-12-01T12:00:00Z",
                "count('Order Completed', 'P45D') >= 1; 2027-01-05T12:00:00Z",
                "count('Order Completed') >= 1; ",
                "count('Order Completed', 'P30D') >= 3; ",
                "within(customer.first_seen, 'P11D'); 2026-11-27T12:00:00Z",
                "customer.plan == 'gold'; ",
                "customer.plan == 'lead' && count('Order Completed', 'P30D') >= 1; ",
            })
    void knowsWhenTimeAloneChangesTheAnswer(String text, String next) throws ExpressionException {
        assertThat(standing(text).next()).isEqualTo(next == null ? null : Instant.parse(next));
    }

    /** What senders can say and nobody can mean stops neither a filling nor the clock. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "within(customer.far, 'P3650D')",
                "within(customer.early, 'P3650D')",
                "sum('Odd', 'total') >= 1",
            })
    void absurdValuesCountForNothing(String text) throws ExpressionException {
        Facts absurd =
                new Facts(
                        ANA,
                        Map.of(
                                "far", "+999999999-12-31T23:59:59Z",
                                "early", "-999999999-01-01T00:00:00Z"),
                        Map.of(),
                        Map.of(),
                        List.of(
                                new Happening(
                                        "Odd", NOW, Map.of("total", new BigDecimal("1e999999999"))),
                                new Happening(
                                        "Odd",
                                        Instant.parse("9999-06-01T00:00:00Z"),
                                        Map.of("total", "1e-99999999"))));
        assertThat(SegmentCondition.of(text).evaluate(absurd, Set.of(), NOW))
                .isEqualTo(new Standing(false, null));
    }

    @Test
    void tellsWhyByEachPart() throws ExpressionException {
        assertThat(
                        SegmentCondition.of(
                                        "customer.plan == 'gold' && (count('Order Completed', 'P30D') >= 2 || segment('vip'))")
                                .why(FACTS, Set.of("vip"), NOW))
                .containsExactly(
                        new Reason("customer.plan == \"gold\"", true, "gold"),
                        new Reason("count(\"Order Completed\", \"P30D\") >= 2", false, 1L),
                        new Reason("segment(\"vip\")", true, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "customer.plan == 'gold' && count('Order Completed', 'a month') > 1; column 33: expected an ISO 8601 duration",
                "count('Order Completed', 'P0D') > 1; column 6: expected more than nothing",
                "count(customer.plan) > 1; column 6: expected as in count(",
                "sum('Order Completed') > 1; column 4: expected as in sum(",
                "last('Order Completed', 'P30D') == 1; column 5: expected as in last(",
                "segment('No Key'); column 8: expected the key of a segment",
                "count('\\u0000') > 1; column 6: expected a name",
                "count('Order Completed') + 1 > 0 && 3; column 37: it gives int",
                "customer.plan =; column",
                "'vip' in customer.segments; expected segment('key')",
            })
    void saysWhereItDoesNotCompile(String text, String complaint) {
        assertThatExceptionOfType(ExpressionException.class)
                .isThrownBy(() -> SegmentCondition.of(text))
                .withMessageContaining(complaint.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"trait\":\"plan\",\"eq\":\"gold\"}; true",
                "{\"trait\":\"plan\",\"ne\":\"gold\"}; false",
                "{\"trait\":\"absent\",\"ne\":\"gold\"}; true",
                "{\"trait\":\"plan\",\"in\":[\"gold\",\"silver\"]}; true",
                "{\"trait\":\"plan\",\"contains\":\"ol\"}; true",
                "{\"trait\":\"tags\",\"contains\":\"vip\"}; true",
                "{\"trait\":\"tags\",\"contains\":\"ol\"}; false",
                "{\"trait\":\"favourite colour\",\"exists\":true}; true",
                "{\"trait\":\"favourite taste\",\"exists\":false}; true",
                "{\"trait\":\"address.city\",\"eq\":\"Madrid\"}; true",
                "{\"trait\":\"orders\",\"gte\":2,\"lt\":3}; true",
                "{\"trait\":\"first_seen\",\"within\":\"P11D\"}; true",
                "{\"event\":\"Order Completed\"}; true",
                "{\"event\":\"Order \\\"x\\\"\"}; false",
                "{\"event\":\"Order Completed\",\"within\":\"P30D\",\"count\":{\"eq\":1}}; true",
                "{\"event\":\"Order Completed\",\"where\":[{\"property\":\"category\",\"ne\":\"shoes\"}],\"count\":{\"eq\":1}}; true",
                "{\"event\":\"Order Completed\",\"where\":[{\"property\":\"coupon\",\"ne\":\"X\"}],\"count\":{\"eq\":2}}; true",
                "{\"event\":\"Order Completed\",\"where\":[{\"property\":\"category\",\"contains\":\"sho\"}],\"count\":{\"eq\":1}}; true",
                "{\"event\":\"Order Completed\",\"sum\":{\"property\":\"total\",\"gte\":110}}; true",
                "{\"event\":\"Order Completed\",\"last\":{\"gte\":\"P4D\"}}; true",
                "{\"event\":\"Order Completed\",\"last\":{\"gte\":\"P6D\"}}; false",
                "{\"event\":\"Cart Viewed\",\"last\":{\"gte\":\"P6D\"}}; false",
                "{\"event\":\"Order Completed\",\"last\":{\"lt\":\"P6D\",\"gte\":\"P3D\"}}; true",
                "{\"consent\":\"sms\",\"is\":\"opted_in\"}; true",
                "{\"consent\":\"email\",\"topic\":\"offers\",\"is\":\"opted_out\"}; true",
                "{\"consent\":\"email\",\"is\":\"unknown\"}; true",
                "{\"score\":\"purchase_30d\",\"gte\":0.5}; true",
                "{\"score\":\"churn\",\"gte\":0.5}; false",
                "{\"segment\":\"vip\"}; true",
                "{\"not\":{\"segment\":\"vip\"}}; false",
                "{\"any\":[{\"segment\":\"x\"},{\"all\":[{\"segment\":\"vip\"},{\"trait\":\"orders\",\"lte\":2}]}]}; true",
            })
    void theJsonFormSaysTheSame(String json, boolean in)
            throws ExpressionException, JsonProcessingException {
        JsonNode form = JSON.readTree(json);
        SegmentForm.Written written = SegmentForm.write(form, "condition");
        assertThat(written.flaws()).isEmpty();
        assertThat(SCHEMA.validate(JSON.createObjectNode().set("condition", form))).isEmpty();
        assertThat(standing(written.text()).in()).as(written.text()).isEqualTo(in);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "[]; condition",
                "{}; condition",
                "{\"all\":[]}; condition.all",
                "{\"all\":[null]}; condition.all[0]",
                "{\"all\":[{\"trait\":\"plan\"}]}; condition.all[0]",
                "{\"trait\":\"plan\",\"eq\":null}; condition.eq",
                "{\"trait\":\"plan\",\"equals\":\"gold\"}; condition.equals",
                "{\"trait\":3,\"eq\":\"gold\"}; condition.trait",
                "{\"trait\":\"plan\",\"within\":\"a week\"}; condition.within",
                "{\"event\":\"\"}; condition.event",
                "{\"event\":\"A\",\"count\":{\"gte\":\"2\"}}; condition.count.gte",
                "{\"event\":\"A\",\"count\":2}; condition.count",
                "{\"event\":\"A\",\"sum\":{\"gte\":2}}; condition.sum.property",
                "{\"event\":\"A\",\"where\":[{\"eq\":2}]}; condition.where[0]",
                "{\"event\":\"A\",\"last\":{\"gt\":\"P1D\"}}; condition.last.gt",
                "{\"consent\":\"pigeon\",\"is\":\"opted_in\"}; condition.consent",
                "{\"consent\":\"sms\"}; condition.is",
                "{\"segment\":\"No Key\"}; condition.segment",
                "{\"trait\":\"plan\",\"in\":[]}; condition.in",
                "{\"trait\":\"plan\",\"exists\":1}; condition.exists",
            })
    void whatIsWrongInTheJsonFormIsNamed(String json, String field) throws JsonProcessingException {
        JsonNode form = JSON.readTree(json);
        assertThat(SegmentForm.write(form, "condition").flaws())
                .extracting(SegmentForm.Flaw::field)
                .contains(field);
        assertThat(SCHEMA.validate(JSON.createObjectNode().set("condition", form))).isNotEmpty();
    }

    @Test
    void aSegmentAsksNeitherAboutItselfNorAboutOneThatIsNot() throws ExpressionException {
        Segments segments =
                new Segments(
                        List.of(
                                new Segment("a", 1, SegmentCondition.of("segment('b')")),
                                new Segment("b", 1, SegmentCondition.of("customer.x == 1"))));
        assertThat(segments.refusal("c", Set.of("a", "b"))).isEmpty();
        assertThat(segments.refusal("c", Set.of("d"))).hasValue("there is no segment d");
        assertThat(segments.refusal("c", Set.of("c")))
                .hasValue("a segment cannot ask about itself: c asks c");
        assertThat(segments.refusal("b", Set.of("a")))
                .hasValue("a segment cannot ask about itself: b asks a asks b");
        assertThat(segments.touchedByProfile()).containsExactlyInAnyOrder("a", "b");
    }
}
