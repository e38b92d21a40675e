package io.throughline.chassis.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {

    private static final Set<String> VARIABLES = Set.of("customer", "event", "journey");

    private static boolean test(String source, Map<String, ?> properties)
            throws ExpressionException {
        return Expression.compile(source, VARIABLES)
                .test(
                        Map.of(
                                "event",
                                Map.of("name", "Checkout Started", "properties", properties)));
    }

    @ParameterizedTest
    @CsvSource({"19, false", "20, true", "21, true"})
    void comparesIntegersWithDecimalsByValue(int value, boolean holds) throws ExpressionException {
        assertThat(test("event.properties.value >= 20.0", Map.of("value", value))).isEqualTo(holds);
        assertThat(test("event.properties.value >= 20", Map.of("value", new BigDecimal(value))))
                .isEqualTo(holds);
    }

    @Test
    void isFalseWhereAFieldIsAbsentOrOfAnotherType() throws ExpressionException {
        assertThat(test("event.properties.value >= 20.0", Map.of())).isFalse();
        assertThat(test("event.properties.value >= 20.0", Map.of("value", "twenty"))).isFalse();
        assertThat(test("customer.scores.purchase_30d < 0.05", Map.of())).isFalse();
        assertThat(test("event.properties.value", Map.of("value", 1))).isFalse();
    }

    @Test
    void canAskWhetherAFieldIsThere() throws ExpressionException {
        Map<String, Object> properties = new HashMap<>();
        properties.put("coupon", null);
        properties.put("value", 3);
        assertThat(test("has(event.properties.value)", properties)).isTrue();
        assertThat(test("has(event.properties.coupon)", properties)).isFalse();
    }

    @Test
    void readsListsAndNestedMaps() throws ExpressionException {
        assertThat(
                        test(
                                "event.properties.products.exists(p, p.price > 10)",
                                Map.of(
                                        "products",
                                        List.of(
                                                Map.of("price", 5),
                                                Map.of("price", new BigDecimal("10.5"))))))
                .isTrue();
    }

    @Test
    void givesWhatItEvaluatesTo() throws ExpressionException {
        Object value =
                Expression.compile("event.properties.total", VARIABLES)
                        .evaluate(
                                Map.of(
                                        "event",
                                        Map.of(
                                                "properties",
                                                Map.of("total", new BigDecimal("52.10")))));
        assertThat(value).isEqualTo(52.10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "event.properties.value >=     | column",
                "cart.value > 3                | undeclared reference to 'cart'",
                "size(event.name, 1) > 2       | found no matching overload"
            })
    void saysWhatDoesNotCompile(String source, String complaint) {
        assertThatExceptionOfType(ExpressionException.class)
                .isThrownBy(() -> Expression.compile(source, VARIABLES))
                .withMessageContaining(complaint.strip());
    }
}
