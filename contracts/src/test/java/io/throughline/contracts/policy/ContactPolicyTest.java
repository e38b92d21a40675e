package io.throughline.contracts.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.Channel;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContactPolicyTest {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                  | OPT_IN",
                "{'sms': null}       | OPT_IN",
                "{'sms': 'opt-in'}   | OPT_IN",
                "{'sms': 'opt-out'}  | OPT_OUT",
                "{'email': 'opt-out'}| OPT_IN"
            },
            quoteCharacter = '`')
    void aChannelNeedsAnOptInUnlessItIsSaidOtherwise(String consent, ConsentRule expected)
            throws JsonProcessingException {
        String document =
                """
                {"version": 1, "caps": [], "defaultTimeZone": "UTC", "consent": %s,
                 "optOutCoversTransactional": [], "silences": []}
                """
                        .formatted(consent.replace('\'', '"'));
        ContactPolicy policy = ContractJson.mapper().readValue(document, ContactPolicy.class);

        assertThat(policy.consentRule(Channel.SMS)).isEqualTo(expected);
    }
}
