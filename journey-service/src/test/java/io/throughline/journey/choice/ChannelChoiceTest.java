package io.throughline.journey.choice;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.decision.DecisionEvent.Option;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.journey.choice.ChannelChoice.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelChoiceTest {

    @ParameterizedTest
    @CsvSource({"0, 0, 0.1", "10, 0, 0.05", "10, 4, 0.25", "90, 29, 0.3", "0, 20, 1"})
    void theRateIsSmoothedTowardsTenPercent(long sent, long engaged, double rate) {
        assertThat(new Engagement(sent, engaged).rate()).isEqualTo(rate);
    }

    @Test
    void oneLuckyMessageDoesNotBeatALongRecord() {
        ChannelChoice choice =
                ChannelChoice.among(
                        List.of(
                                new Candidate(Channel.SMS, new Engagement(1, 1), null),
                                new Candidate(Channel.EMAIL, new Engagement(100, 40), null)));

        assertThat(choice.ranked()).containsExactly(Channel.EMAIL, Channel.SMS);
    }

    @Test
    void theChosenOneHasAllOfTheProbability() {
        ChannelChoice choice =
                ChannelChoice.among(
                        List.of(
                                new Candidate(
                                        Channel.PUSH,
                                        new Engagement(10, 9),
                                        SuppressionReason.OPTED_OUT),
                                new Candidate(Channel.SMS, Engagement.NONE, null),
                                new Candidate(Channel.EMAIL, Engagement.NONE, null)));

        assertThat(choice.options())
                .containsExactly(
                        new Option(Channel.SMS, 0.1, 1, null),
                        new Option(Channel.EMAIL, 0.1, 0, null),
                        new Option(Channel.PUSH, 0.5, 0, SuppressionReason.OPTED_OUT));
    }

    @Test
    void whereNothingIsFeasibleNothingIsRanked() {
        ChannelChoice choice =
                ChannelChoice.among(
                        List.of(
                                new Candidate(
                                        Channel.SMS,
                                        Engagement.NONE,
                                        SuppressionReason.NO_CONSENT)));

        assertThat(choice.ranked()).isEmpty();
        assertThat(choice.options().getFirst().probability()).isZero();
    }
}
