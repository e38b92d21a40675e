package io.throughline.channel.delivery;

import static io.throughline.channel.delivery.MessageState.DELIVERED;
import static io.throughline.channel.delivery.MessageState.FAILED;
import static io.throughline.channel.delivery.MessageState.HANDING_OVER;
import static io.throughline.channel.delivery.MessageState.QUEUED;
import static io.throughline.channel.delivery.MessageState.RECALLED;
import static io.throughline.channel.delivery.MessageState.SENT;
import static io.throughline.channel.delivery.MessageState.SUPPRESSED;
import static io.throughline.channel.delivery.MessageState.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The state of a message")
class MessageStateTest {

    @ParameterizedTest(name = "{0} told {1} is {2}")
    @CsvSource({
        "QUEUED, HANDING_OVER, HANDING_OVER",
        "QUEUED, DELIVERED, QUEUED",
        "HANDING_OVER, QUEUED, QUEUED",
        "HANDING_OVER, SENT, SENT",
        "HANDING_OVER, UNKNOWN, UNKNOWN",
        "UNKNOWN, QUEUED, UNKNOWN",
        "UNKNOWN, SENT, SENT",
        "UNKNOWN, DELIVERED, DELIVERED",
        "SENT, QUEUED, SENT",
        "SENT, HANDING_OVER, SENT",
        "SENT, UNKNOWN, SENT",
        "SENT, SUPPRESSED, SENT",
        "SENT, DELIVERED, DELIVERED",
        "SENT, FAILED, FAILED",
        "FAILED, SENT, FAILED",
        "FAILED, DELIVERED, DELIVERED",
        "SENT, RECALLED, RECALLED",
        "FAILED, RECALLED, RECALLED",
        "QUEUED, RECALLED, QUEUED",
        "RECALLED, FAILED, RECALLED",
        "RECALLED, DELIVERED, DELIVERED",
        "DELIVERED, RECALLED, DELIVERED",
        "DELIVERED, SENT, DELIVERED",
        "DELIVERED, FAILED, DELIVERED",
        "SUPPRESSED, QUEUED, SUPPRESSED",
        "SUPPRESSED, SENT, SUPPRESSED"
    })
    void isRaisedByAFactAndNeverTakenBack(MessageState now, MessageState told, MessageState then) {
        assertThat(now.raisedTo(told)).isEqualTo(then);
    }

    @Test
    void onceSentStaysSentWhateverIsToldAndInWhatOrder() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        List<MessageState> all = List.copyOf(EnumSet.allOf(MessageState.class));
        for (int run = 0; run < 500; run++) {
            MessageState state = SENT;
            for (int i = 0; i < 20; i++) {
                state = state.raisedTo(all.get(random.nextInt(all.size())));
                assertThat(state).isIn(SENT, FAILED, RECALLED, DELIVERED);
            }
        }
    }

    @Test
    void thatMayHaveLeftNeverGoesBackToTheQueue() {
        assertThat(EnumSet.allOf(MessageState.class))
                .filteredOn(s -> s.mayBecome(QUEUED))
                .containsExactly(HANDING_OVER);
        assertThat(UNKNOWN.next()).doesNotContain(QUEUED, HANDING_OVER, SUPPRESSED);
        assertThat(SUPPRESSED.next()).isEmpty();
    }
}
