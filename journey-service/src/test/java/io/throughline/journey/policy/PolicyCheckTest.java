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
                "caps     | [{'scope':'journey','journey':'NO SUCH','max':1,'per':'P1D'}] | caps[0].journey",
                "caps     | [{'scope':'global','topic':'Ä B','max':1,'per':'P1D'}]        | caps[0].topic",
                "consent  | {'fax':'opt-in'}                                              | consent.fax",
                "categories | {'foo':{'passes':[],'counts':true}}                         | categories.foo",
                "silences | [{'on':'A','period':'P1D'},{'on':'A','period':'P1D'}]         | silences[1]",
                "silences | [{'on':'A','period':'P1D','liftedBy':['A']}]                  | silences[0].liftedBy",
                "gaps     | [{'scope':'global','per':'PT1H'}]                             | minimumGap",
            })
    void whatCouldNeverHoldIsRefused(String field, String value, String wrong)
            throws JsonProcessingException {
        ObjectNode policy = (ObjectNode) ContractJson.mapper().readTree(GOOD);
        policy.put("minimumGap", "PT2H");
        policy.set(field, ContractJson.mapper().readTree(value.replace('\'', '"')));
        assertThat(fields(policy.toString())).containsExactly(wrong);
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
                "P1D\"}]           | P1D\"}, {\"scope\": \"country\", \"max\": 2, \"per\": \"PT24H\"}] | caps[1].scope",
                "P1D\"}]           | P1D\"}, {\"scope\": \"global\", \"max\": 2, \"per\": \"PT24H\"}] | caps[1]",
                "P1D\"}]           | P1D\"}], \"gaps\": [{\"scope\": \"global\"}] | gaps[0].per",
                "P1D\"}]           | P1D\"}], \"gaps\": [{\"per\": \"PT0S\"}] | gaps[0].scope,gaps[0].per",
                "P1D\"}]           | P1D\"}], \"gaps\": [{\"scope\": \"topic\", \"per\": \"PT1H\"}, {\"scope\": \"topic\", \"per\": \"PT2H\"}] | gaps[1]",
                "Europe/Madrid      | Mars/Base| defaultTimeZone",
                "Order Completed    |  ` `     | silences[0].on",
                "P2D                | PT0S     | silences[0].period",
                "P2D\"}]           | P2D\", \"covers\": \"this-journey\"}] | silences[0].covers",
                "P2D\"}]           | P2D\", \"covers\": {\"categories\": []}}] | silences[0].categories",
                "P2D\"}]           | P2D\", \"liftedBy\": [null]}] | silences[0].liftedBy[0]",
                "P2D\"}]           | P2D\", \"liftedBy\": [\" \"]}] | silences[0].liftedBy",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] |",
                "[{}] | quietHours[0].from,quietHours[0].to,quietHours[0].channels",
                "[{'from':'21:00','to':'08:00','channels':['sms']}, null] | quietHours[1].from,quietHours[1].to,quietHours[1].channels",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'days':['SUNDAY'],'dates':['2026-12-25'],'categories':['service']}] |",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'days':[null]}] | quietHours[0].days[0]",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'dates':['2026-02-30']}] | quietHours[0].dates[0]",
                "[{'from':'21:00','to':'21:00','channels':['sms']}] | quietHours[0].to",
                "{'from':'21:00','to':'21:00','channels':['sms']} | quietHours.to",
                "[{'from':'00:00','to':'00:00','channels':['sms'],'days':['SUNDAY']}] |",
                "[{'from':'21:00','to':'08:00','channels':['sms']},{'from':'20:00','to':'08:00','channels':[]}] | quietHours[1].channels",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'categories':['transactional']}] | quietHours.categories",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'categories':[]}] | quietHours.categories",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'days':[]}] | quietHours.days",
                "[{'from':'21:00','to':'08:00','channels':['sms'],'dates':[]}] | quietHours.dates",
                "[{'from':'08:00','to':'20:00','channels':['sms']},{'from':'20:00','to':'08:00','channels':['sms']}] | quietHours",
            })
    void quietHoursAreOneRuleOrAList(String rules, String wrong) {
        String document =
                GOOD.replace(
                        "{\"from\": \"21:00\", \"to\": \"08:00\", \"channels\": [\"sms\"]}",
                        rules.replace('\'', '"'));
        assertThat(document).isNotEqualTo(GOOD);
        assertThat(fields(document))
                .containsExactly(wrong == null ? new String[0] : wrong.split(","));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'steps':[{'ignored':5,'share':'0.5'},{'ignored':10,'share':0.25}]} |",
                "{'within':'P30D','steps':[],'nearlyLeft':{'within':'P14D','share':'1'},'least':0} |",
                "{} | fatigue",
                "{'steps':[]} | fatigue",
                "{'steps':[{}]} | fatigue.steps[0].ignored,fatigue.steps[0].share",
                "{'steps':[null]} | fatigue.steps[0].ignored,fatigue.steps[0].share",
                "{'steps':[{'ignored':0,'share':'0.5'}]} | fatigue.steps[0].ignored",
                "{'steps':[{'ignored':1001,'share':'0.5'}]} | fatigue.steps[0].ignored",
                "{'steps':[{'ignored':2.5,'share':'0.5'}]} | fatigue.steps[0].ignored",
                "{'steps':[{'ignored':'5','share':'0.5'}]} | fatigue.steps[0].ignored",
                "{'steps':[{'ignored':5,'share':0}]} | fatigue.steps[0].share",
                "{'steps':[{'ignored':5,'share':'1.01'}]} | fatigue.steps[0].share",
                "{'steps':[{'ignored':5,'share':'half'}]} | fatigue.steps[0].share",
                "{'steps':[{'ignored':5,'share':true}]} | fatigue.steps[0].share",
                "{'steps':[{'ignored':5,'share':'1e-999999'}]} | fatigue.steps[0].share",
                "{'steps':[{'ignored':5,'share':'0.5'},{'ignored':5,'share':'0.5'}]} | fatigue.steps[1].ignored,fatigue.steps[1].share",
                "{'nearlyLeft':{}} | fatigue.nearlyLeft.within,fatigue.nearlyLeft.share",
                "{'nearlyLeft':{'within':'PT0S','share':'0.5'}} | fatigue.nearlyLeft.within",
                "{'nearlyLeft':{'within':'P91D','share':'0.5'}} | fatigue.nearlyLeft.within",
                "{'within':'P91D','steps':[{'ignored':5,'share':'0.5'}]} | fatigue.within",
                "{'within':'-P1D','steps':[{'ignored':5,'share':'0.5'}]} | fatigue.within",
                "{'least':-1,'steps':[{'ignored':5,'share':'0.5'}]} | fatigue.least",
            })
    void fatigueHasSharesThatShrinkAsMoreIsIgnored(String fatigue, String wrong) {
        String document =
                GOOD.replace(
                        "\"version\": 1",
                        "\"version\": 1, \"fatigue\": " + fatigue.replace('\'', '"'));
        assertThat(fields(document))
                .containsExactly(wrong == null ? new String[0] : wrong.split(","));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "['us', 'us-tx', 'all'] |",
                "['us-tx', 'xx']        | legalPresets[1]",
                "[null]                 | legalPresets[0]",
                "['']                   | legalPresets[0]",
            },
            quoteCharacter = '`')
    void aPresetIsOneThatThereIs(String presets, String wrong) {
        String document =
                GOOD.replace(
                        "\"version\": 1",
                        "\"version\": 1, \"legalPresets\": " + presets.replace('\'', '"'));
        assertThat(fields(document))
                .containsExactly(wrong == null ? new String[0] : wrong.split(","));
    }

    @Test
    void aListIsStoredSoThatAReaderOfOneRuleTakesItAndIsShownAsItWasPut()
            throws JsonProcessingException {
        JsonNode put =
                ContractJson.mapper()
                        .readTree(
                                GOOD.replace(
                                                "\"quietHours\": {",
                                                "\"quietHours\": [{\"from\": \"20:00\", \"to\": \"09:00\","
                                                        + " \"channels\": [\"email\"]}, {")
                                        .replace("[\"sms\"]},", "[\"sms\"]}],"));
        ObjectNode stored = PolicyForm.stored(put);
        assertThat(stored.path("quietHours").path("from").asText()).isEqualTo("20:00");
        assertThat(stored.path("moreQuietHours").path(0).path("from").asText()).isEqualTo("21:00");
        assertThat(PolicyForm.shown(stored.deepCopy()).path("quietHours"))
                .isEqualTo(put.path("quietHours"));

        JsonNode one = ContractJson.mapper().readTree(GOOD);
        assertThat(PolicyForm.shown(PolicyForm.stored(one)).path("quietHours"))
                .isEqualTo(one.path("quietHours"));
    }

    private static List<String> fields(String document) {
        try {
            JsonNode json = ShortForms.written(ContractJson.mapper().readTree(document));
            List<FieldError> errors = PolicyCheck.unreadable(json);
            if (errors.isEmpty()) {
                errors =
                        PolicyCheck.errors(
                                ContractJson.mapper()
                                        .treeToValue(PolicyForm.stored(json), ContactPolicy.class));
            }
            return errors.stream().map(FieldError::field).toList();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
