package io.throughline.attribution.touch;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MessageFactsTest {

    private static final MessageId MESSAGE = new MessageId(new UUID(5, 5));
    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));
    private static final JourneyRef CART =
            new JourneyRef("cart", 1, new UUID(3, 3), "steps[0].send");
    private static final Instant TEN = Instant.parse("2026-11-23T10:00:00Z");

    private static final List<MessageEvent> LIFE =
            List.of(
                    new MessageEvent.Sent(
                            MESSAGE,
                            ANA,
                            Channel.SMS,
                            CART,
                            "hello",
                            "smpp",
                            "id-1",
                            1,
                            List.of(),
                            1,
                            TEN),
                    new MessageEvent.Delivered(MESSAGE, ANA, Channel.SMS, CART, second(1)),
                    new MessageEvent.Delivered(MESSAGE, ANA, Channel.SMS, CART, second(9)),
                    new MessageEvent.Opened(MESSAGE, ANA, Channel.SMS, CART, false, second(3)),
                    new MessageEvent.Clicked(
                            MESSAGE, ANA, Channel.SMS, CART, "https://x", second(4)));

    @Test
    void theOrderOfArrivalAndRepetitionChangeNothing() {
        MessageFacts expected = joined(LIFE);
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            List<MessageEvent> events = new ArrayList<>(LIFE);
            events.add(LIFE.get(random.nextInt(LIFE.size())));
            Collections.shuffle(events, random);

            assertThat(joined(events)).as("seed %d", seed).isEqualTo(expected);
        }
        assertThat(expected.deliveredAt()).isEqualTo(second(1));
        assertThat(expected.template()).isEqualTo("hello");
    }

    @Test
    void aMachinesOpeningIsNone() {
        assertThat(
                        MessageFacts.of(
                                new MessageEvent.Opened(
                                        MESSAGE, ANA, Channel.EMAIL, CART, true, TEN)))
                .isEmpty();
    }

    private static MessageFacts joined(List<MessageEvent> events) {
        return events.stream()
                .map(MessageFacts::of)
                .flatMap(Optional::stream)
                .reduce(MessageFacts::and)
                .orElseThrow();
    }

    private static Instant second(int seconds) {
        return TEN.plusSeconds(seconds);
    }
}
