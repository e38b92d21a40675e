package io.throughline.governance.explanation;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.message.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("What a limit counts")
class WordingTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "cap:global:P1D             | in all in 1 day",
                "minimum-gap                | in all in 1 day",
                "gap:global                 | in all in 1 day",
                "cap:channel:sms:P1D        | on sms in 1 day",
                "gap:channel:sms            | on sms in 1 day",
                "cap:category:marketing:P1D | of category marketing in 1 day",
                "gap:category:service       | of category service in 1 day",
                "cap:topic:P1D              | of this topic in 1 day",
                "gap:topic                  | of this topic in 1 day",
                "cap:topic:offers:P1D       | of topic offers in 1 day",
                "gap:topic:offers           | of topic offers in 1 day",
                "cap:topic:shop:offers:P1D  | of topic shop:offers in 1 day",
                "gap:topic:shop:offers      | of topic shop:offers in 1 day",
                "gap:topic:P7D              | of topic P7D in 1 day",
                "cap:journey:P1D            | by this journey in 1 day",
                "gap:journey                | by this journey in 1 day",
                "cap:journey:welcome:P1D    | by this journey in 1 day"
            })
    @DisplayName("is told in words, whatever a topic is called")
    void isTold(String rule, String words) {
        assertThat(Wording.span(new Verdict(rule, false, 1, 1, Duration.ofDays(1), null)))
                .isEqualTo(words);
    }
}
