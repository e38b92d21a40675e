package io.throughline.journey.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.Journeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema that editors use and the check agree on the shape of a policy. */
class PolicySchemaTest {

    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(Journeys.text("contact-policy.schema.json"));

    @Test
    void theDocumentedPolicyAndTheFirstOneAreTaken() throws IOException {
        JsonNode documented = documented();
        assertThat(SCHEMA.validate(documented)).isEmpty();
        assertThat(refused(documented)).isFalse();
        assertThat(SCHEMA.validate(ContractJson.mapper().valueToTree(ContactPolicy.initial())))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    caps       | null
                    caps       | [{"scope": "global", "max": -1, "per": "P1D"}]
                    caps       | [{"scope": "global", "max": 1, "per": "PT0S"}]
                    caps       | [{"scope": "global", "max": 1}]
                    caps       | [{"max": 1, "per": "P1D"}]
                    caps       | [{"scope": "galaxy", "max": 1, "per": "P1D"}]
                    caps       | [{"scope": "channel", "channel": "fax", "max": 1, "per": "P1D"}]
                    caps       | [{"scope": "global", "channel": "sms", "max": 1, "per": "P1D"}]
                    caps       | [{"scope": "journey", "topic": "news", "max": 1, "per": "P1D"}]
                    gaps       | [{"scope": "topic", "topic": " ", "per": "P1D"}]
                    gaps       | [{"scope": "global"}]
                    quietHours | {"from": "21:00", "to": "08:00", "channels": []}
                    quietHours | [{"from": "21:00", "to": "08:00"}]
                    legalPresets | [null]
                    arbitration | {}
                    exclusionGroups | [{"name": "a", "journeys": ["b"]}]
                    exclusionGroups | [{"name": "a", "journeys": ["b"], "onConflict": "both"}]
                    consent    | {"fax": "opt-in"}
                    consent    | {"sms": null}
                    silences   | [{"on": "X"}]
                    silences   | [{"on": "X", "period": "P1D", "covers": "this-journey"}]
                    silences   | [{"on": "X", "period": "P1D", "covers": {"categories": []}}]
                    categories | {"spam": {"passes": [], "counts": true}}
                    categories | {"service": {"passes": ["consent"], "counts": true}}
                    categories | {"service": {"passes": []}}
                    refund     | {"expired": true}
                    fatigue    | {}
                    fatigue    | {"steps": []}
                    fatigue    | {"steps": [{"ignored": 0, "share": "0.5"}]}
                    fatigue    | {"steps": [{"ignored": 5, "share": "2"}]}
                    fatigue    | {"steps": [{"ignored": 5, "share": 0}]}
                    fatigue    | {"steps": [{"ignored": 5}]}
                    fatigue    | {"nearlyLeft": {"share": "0.5"}}
                    fatigue    | {"within": "PT0S", "steps": [{"ignored": 5, "share": "0.5"}]}
                    fatigue    | {"least": -1, "steps": [{"ignored": 5, "share": "0.5"}]}
                    """)
    void whatTheSchemaRefusesTheCheckRefuses(String key, String value) throws IOException {
        ObjectNode policy = documented();
        policy.set(key, ContractJson.mapper().readTree(value));
        assertThat(SCHEMA.validate(policy)).as("schema").isNotEmpty();
        assertThat(refused(policy)).as("check").isTrue();
    }

    /** The first example of the page about it. */
    private static ObjectNode documented() throws IOException {
        String page = Files.readString(Path.of("../docs/contact-policy.md"));
        String example = page.substring(page.indexOf("```json") + 7);
        return (ObjectNode)
                ContractJson.mapper().readTree(example.substring(0, example.indexOf("```")));
    }

    private static boolean refused(JsonNode document) {
        JsonNode written = ShortForms.written(document);
        if (!PolicyCheck.unreadable(written).isEmpty()) {
            return true;
        }
        try {
            ObjectNode stored = PolicyForm.stored(written);
            return !PolicyCheck.errors(
                            ContractJson.mapper().treeToValue(stored, ContactPolicy.class))
                    .isEmpty();
        } catch (JsonProcessingException e) {
            return true;
        }
    }
}
