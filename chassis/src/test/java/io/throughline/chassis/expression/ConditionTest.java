package io.throughline.chassis.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionTest {

    private static final Functions FUNCTIONS =
            new Functions() {
                @Override
                public Set<String> names() {
                    return Set.of("times");
                }

                @Override
                public Set<String> variables(String function) {
                    return Set.of("what");
                }

                @Override
                public Optional<String> complaint(Question question) {
                    return question.text(0).isPresent()
                            ? Optional.empty()
                            : Optional.of("expected a text first");
                }
            };

    private static Condition read(String source) throws ExpressionException {
        return Expression.readCondition(source, Set.of("customer"), FUNCTIONS);
    }

    private static boolean holds(Condition condition, Map<String, ?> customer, long times) {
        Expression.Values values = Expression.values(Map.of("customer", customer));
        return condition.holds(leaf -> leaf.expression().test(values, question -> (Object) times));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "customer.plan == 'gold'                              ; true",
                "customer.plan == 'gold' && times('seen') > 2         ; true",
                "customer.plan == 'gold' && times('seen') > 3         ; false",
                "customer.absent == 'gold'                            ; false",
                "!(customer.absent == 'gold')                         ; true",
                "customer.absent == 1 || times('seen') == 3           ; true",
                "!(customer.absent == 1 || times('seen') == 3)        ; false",
                "customer.tags.exists(t, t == 'a') && has(customer.plan) ; true",
                "times('seen', what.price > 2 && what.kind == 'x') == 3 ; true"
            })
    void eachPartHoldsOrDoesNot(String source, boolean holds) throws ExpressionException {
        Map<String, Object> customer = Map.of("plan", "gold", "tags", List.of("a"));
        assertThat(holds(read(source), customer, 3)).isEqualTo(holds);
    }

    @Test
    void isTakenApartWithTheTextAndTheQuestionsOfEachPart() throws ExpressionException {
        Condition condition =
                read(
                        "!(customer['favourite colour'] == 'red') && times('seen', what.tags.exists(t, t == 'a')) >= 2");
        List<Condition.Leaf> leaves = condition.leaves().toList();
        assertThat(leaves)
                .extracting(leaf -> leaf.expression().toString())
                .containsExactly(
                        "customer[\"favourite colour\"] == \"red\"",
                        "times(\"seen\", what.tags.exists(t, t == \"a\")) >= 2");
        assertThat(leaves.getFirst().expression().fields())
                .containsExactly(new Expression.Field("customer", "favourite colour"));
        Question question = leaves.getLast().expression().questions().iterator().next();
        assertThat(question.text(0)).contains("seen");
        Expression part = question.part(1).orElseThrow();
        assertThat(part.test(Map.of("what", Map.of("tags", List.of("a"))))).isTrue();
        assertThat(part.test(Map.of("what", Map.of("tags", List.of("b"))))).isFalse();
        Expression measured = leaves.getLast().measured();
        assertThat(measured).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "customer.plan ==                    | column 17",
                "customer.plan == 'x' && times(2) > 1 | column 30: expected a text first",
                "times('a', customer.plan == 'x') > 1 | column 12: undeclared reference to 'customer'",
                "times('a', what.x > times('b')) > 1 | takes no call of such a function",
                "customer.plan == 'x' && 3 + 4       | column 27: it gives int",
                "told__['0'] == 3                    | told__",
                "cart.value > 3                      | column 1: undeclared reference to 'cart'"
            })
    void saysWhereItDoesNotCompile(String source, String complaint) {
        assertThatExceptionOfType(ExpressionException.class)
                .isThrownBy(() -> read(source))
                .withMessageContaining(complaint.strip());
    }

    @Test
    void whatIsNestedTooDeeplyIsRefused() {
        for (String source :
                List.of(
                        "customer.x" + " + 1".repeat(9_000) + " > 1",
                        "(".repeat(9_000) + "true" + ")".repeat(9_000),
                        "customer" + ".x".repeat(9_000) + " == 1",
                        "!".repeat(9_000) + "customer.x")) {
            try {
                assertThat(read(source)).isNotNull();
            } catch (ExpressionException refused) {
                assertThat(refused).message().isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "times('x') >= 3, true",
        "times('x') > 2, true",
        "times('x') > 2.0, true",
        "times('x') >= 4, false",
        "times('x') == 3, true",
        "customer['sum'] >= 3, true",
        "customer['sum'] > 2.5 && times('x') > 2.5, true",
        "3 <= customer['sum'], true",
        "customer.sum <= 3, true"
    })
    void comparesWhatItIsToldByValue(String source, boolean holds) throws ExpressionException {
        Expression.Values values = Expression.values(Map.of("customer", Map.of("sum", 3.0)));
        assertThat(
                        read(source)
                                .holds(leaf ->
                                        leaf.expression()
                                                .test(values, question -> new BigDecimal("3"))))
                .isEqualTo(holds);
    }
}
