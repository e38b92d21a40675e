package io.throughline.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndingTest {

    private static final List<JsonNode> NEWEST_FIRST =
            List.of(
                    json(
                            """
                            {"kind":"suppressed","rule":"cap:global:P1D","reason":"global_cap","explanation":"The email was not sent because of the cap; it could pass from 2026-11-24T00:00:02Z."}
                            """),
                    json(
                            """
                            {"kind":"suppressed","rule":"cap:global:P1D","reason":"global_cap","explanation":"The email was not sent because of the cap; it could pass from 2026-11-24T00:00:01Z."}
                            """),
                    json(
                            """
                            {"kind":"sent","explanation":"The email was handed over."}
                            """),
                    json(
                            """
                            {"kind":"left","reason":"goal","explanation":"The customer reached the goal."}
                            """),
                    json(
                            """
                            {"kind":"left","reason":"completed","explanation":"The customer reached the end."}
                            """));

    @Test
    void whatDidNotGoIsToldOldestFirstAndOnceEach() {
        assertThat(Ending.whyNot(NEWEST_FIRST))
                .containsExactly(
                        "The customer reached the goal.",
                        "The email was not sent because of the cap. (2x)");
    }

    @Test
    void theTableHasALineForEveryReason() {
        Story.Customer ana = Story.of(7).customers().getFirst();
        assertThat(Ending.table(List.of(new Ending.Fate(ana, 3, 1, NEWEST_FIRST))))
                .containsExactly(
                        "customer  who                             email  SMS  why not more",
                        "ana       leaves the cart                     3    1  The customer reached the goal.",
                        " ".repeat(54) + "The email was not sent because of the cap. (2x)");
    }

    @Test
    void theSummaryCountsByRule() {
        Story.Customer ana = Story.of(7).customers().getFirst();
        assertThat(Ending.summary(List.of(new Ending.Fate(ana, 3, 1, NEWEST_FIRST))))
                .containsExactly(
                        "Received by 1 customers: 3 mails, 1 texts",
                        "Refused, by rule:",
                        "  cap:global:P1D              2");
    }

    @Test
    void creditIsToldByModel() {
        assertThat(
                        Ending.attribution(
                                json(
                                        """
                                        {"totals":{"conversions":2,"value":[{"amount":"83.00","currency":"EUR"}]},
                                         "models":[{"model":"last","byChannel":[
                                           {"key":"email","value":[{"amount":"41.50","currency":"EUR"}]},{"key":"direct","value":[]}]}]}
                                        """)))
                .containsExactly(
                        "Attribution of 2 orders (83.00 EUR):",
                        "  last             email 41.50 EUR, direct 0");
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException malformed) {
            throw new AssertionError(malformed);
        }
    }
}
