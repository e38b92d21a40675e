package io.throughline.journey.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.policy.ContactPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyCheckTest {

    private static final String GOOD =
            """
            {"version": 1, "caps": [{"scope": "global", "max": 3, "per": "P1D"}],
             "quietHours": {"from": "21:00", "to": "08:00", "channels": ["sms"]},
             "defaultTimeZone": "Europe/Madrid", "consent": {"email": "opt-out"},
             "optOutCoversTransactional": ["sms"],
             "silences": [{"on": "Order Completed", "period": "P2D"}]}
            """;

    @Test
    void theInitialPolicyIsFine() {
        JsonNode initial = ContractJson.mapper().valueToTree(ContactPolicy.initial());
        assertThat(PolicyCheck.unreadable(initial)).isEmpty();
        assertThat(PolicyCheck.errors(ContactPolicy.initial())).isEmpty();
        assertThat(fields(GOOD)).isEmpty();
    }

    @Test
    void aScopeOfACategoryOrATopicIsKeptAsAGlobalOneAmongThese() throws JsonProcessingException {
        JsonNode written =
                ShortForms.written(
                        ContractJson.mapper()
                                .readTree(
                                        """
                                        {"caps": [{"scope": "topic", "topic": "offers"},
                                                  {"scope": "category"}, {"scope": "channel"}],
                                         "gaps": [{"scope": "topic"}]}
                                        """));
        assertThat(written)
                .isEqualTo(
                        ContractJson.mapper()
                                .readTree(
                                        """
                                        {"caps": [{"scope": "global", "topic": "offers"},
                                                  {"scope": "global", "each": "category"},
                                                  {"scope": "channel"}],
                                         "gaps": [{"scope": "global", "each": "topic"}]}
                                        """));
    }

    @Test
    void everythingThatIsMissingIsNamedAtOnce() {
        assertThat(fields("{\"caps\": [{}], \"quietHours\": {}, \"silences\": [{}]}"))
                .containsExactly(
                        "caps[0].scope",
                        "caps[0].max",
                        "caps[0].per",
                        "defaultTimeZone",
                        "consent",
                        "optOutCoversTransactional",
                        "silences[0].on",
                        "silences[0].period",
                        "quietHours.from",
                        "quietHours.to",
                        "quietHours.channels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "P1D                | P91D     | caps[0].per",
                "P1D                | PT0S     | caps[0].per",
                "P1D                | -P1D     | caps[0].per",
                "3,                 | -3,      | caps[0].max",
                "\"global\",         | \"topic\", \"topic\": \" \", | caps[0].topic",
                "\"global\",         | \"topic\", \"topic\": \"a\\u0000\", | caps[0].topic",
                "\"global\",         | \"global\", \"channel\": \"sms\", | caps[0].channel",
                "\"global\",         | \"channel\", \"topic\": \"offers\", | caps[0].topic",
                "\"global\",         | \"journey\", \"category\": \"service\", | caps[0].category",
                "\"global\",         | \"global\", \"journey\": \"cart\", | caps[0].journey",
                "\"global\",         | \"global\", \"topic\": \"a\", \"category\": \"service\", | caps[0].topic",
                "\"global\",         | \"topic\", \"topic\": \"a\", \"each\": \"topic\", | caps[0].each",
                "P1D\"}]           | P1D\"}, {\"scope\": \"global\", \"max\": 2, \"per\": \"PT24H\"}] | caps[1]",
                "P1D\"}]           | P1D\"}], \"gaps\": [{\"scope\": \"global\"}] | gaps[0].per",
                "P1D\"}]           | P1D\"}], \"gaps\": [{\"per\": \"PT0S\"}] | gaps[0].scope,gaps[0].per",
                "P1D\"}]           | P1D\"}], \"gaps\": [{\"scope\": \"topic\", \"per\": \"PT1H\"}, {\"scope\": \"topic\", \"per\": \"PT2H\"}] | gaps[1]",
                "Europe/Madrid      | Mars/Base| defaultTimeZone",
                "Order Completed    |  ` `     | silences[0].on",
                "P2D                | PT0S     | silences[0].period",
                "\"channels\": [\"sms\"] | \"channels\": [] | quietHours.channels",
                "\"channels\": [\"sms\"] | \"channels\": [\"sms\", null] | quietHours.channels[1]",
                "\"opt-out\"          | null     | consent.email",
                "P2D\"}]           | P2D\"}], \"refund\": {\"expired\": true} | refund.undelivered",
                "P2D\"}]           | P2D\"}], \"categories\": {\"service\": {}} | categories.service.passes,categories.service.counts",
                "P2D\"}]           | P2D\"}], \"categories\": {\"service\": null} | categories.service",
                "P2D\"}]           | P2D\"}], \"categories\": {\"service\": {\"passes\": [null], \"counts\": true}} | categories.service.passes[0]",
                "{\"scope\": \"global\", \"max\": 3, \"per\": \"P1D\"} | null | caps[0].scope,caps[0].max,caps[0].per",
                "Transactional\": [\"sms\"] | Transactional\": [null] | optOutCoversTransactional[0]"
            })
    void whatIsWrongIsNamed(String good, String bad, String field) {
        assertThat(fields(GOOD.replace(good, bad))).containsExactly(field.split(","));
    }

    private static List<String> fields(String document) {
        try {
            JsonNode json = ShortForms.written(ContractJson.mapper().readTree(document));
            List<FieldError> errors = PolicyCheck.unreadable(json);
            if (errors.isEmpty()) {
                ((ObjectNode) json).put("version", 1);
                errors =
                        PolicyCheck.errors(
                                ContractJson.mapper().treeToValue(json, ContactPolicy.class));
            }
            return errors.stream().map(FieldError::field).toList();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
