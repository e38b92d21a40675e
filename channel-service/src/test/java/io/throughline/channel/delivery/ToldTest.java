package io.throughline.channel.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.delivery.Outcome.Ruling;
import io.throughline.channel.route.HandOver;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What is told of an outcome")
class ToldTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final JourneyRef CARTS =
            new JourneyRef("carts", 2, new UUID(3, 3), "steps[0].send");
    private static final Fallback EMAIL =
            new Fallback(Channel.EMAIL, "ana@example.com", "cart-mail");
    private static final Ruling RULING =
            new Ruling(List.of(new Verdict("consent", false, null, null, null, null)), 7);

    @Test
    void saysWhyAMessageOfUnknownFateWasHandedOver() {
        ContractEvent told =
                told(
                        new Outcome.Unknown(
                                claim(CARTS),
                                "smpp",
                                new HandOver.Unknown("no answer"),
                                RULING,
                                NOW,
                                NOW,
                                NOW));

        assertThat(told)
                .isInstanceOfSatisfying(
                        MessageEvent.Unknown.class,
                        unknown -> {
                            assertThat(unknown.verdicts()).isEqualTo(RULING.verdicts());
                            assertThat(unknown.policyVersion()).isEqualTo(7);
                        });
    }

    @Test
    void saysNothingOfRulesWhereNobodyIsLeftWhoKnows() {
        ContractEvent told =
                told(
                        new Outcome.Unknown(
                                claim(CARTS),
                                null,
                                new HandOver.Unknown("its process ended"),
                                Ruling.NONE,
                                NOW,
                                NOW,
                                NOW));

        assertThat(told)
                .isInstanceOfSatisfying(
                        MessageEvent.Unknown.class,
                        unknown -> assertThat(unknown.verdicts()).isNull());
    }

    @Test
    void saysWhyARefusedMessageWasHandedOver() {
        ContractEvent told =
                told(new Outcome.Failed(claim(CARTS), "smpp", "0x0B", "no number", RULING, NOW));

        assertThat(told)
                .isInstanceOfSatisfying(
                        MessageEvent.Failed.class,
                        failed -> {
                            assertThat(failed.verdicts()).isEqualTo(RULING.verdicts());
                            assertThat(failed.policyVersion()).isEqualTo(7);
                        });
    }

    @Test
    void saysWhyAMessageMovedToAnotherChannel() {
        ContractEvent told = told(rerouted(CARTS));

        assertThat(told)
                .isEqualTo(
                        new DecisionEvent.Moved(
                                claim(CARTS).customer(),
                                CARTS,
                                claim(CARTS).message(),
                                Channel.SMS,
                                Channel.EMAIL,
                                SuppressionReason.OPTED_OUT,
                                RULING.verdicts(),
                                7,
                                NOW));
        assertThat(Told.event(rerouted(null))).isEmpty();
    }

    private static ContractEvent told(Outcome outcome) {
        return Told.event(outcome).orElseThrow();
    }

    private static Outcome rerouted(@Nullable JourneyRef origin) {
        return new Outcome.Rerouted(
                claim(origin), EMAIL, List.of(), SuppressionReason.OPTED_OUT, RULING, NOW);
    }

    private static Claim claim(@Nullable JourneyRef origin) {
        return new Claim(
                new MessageId(new UUID(9, 9)),
                new CustomerId(new UUID(1, 1)),
                Channel.SMS,
                "+34600111222",
                "cart",
                Category.MARKETING,
                null,
                origin,
                Map.of(),
                null,
                List.of(EMAIL),
                NOW.plusSeconds(60),
                0,
                NOW.plusSeconds(30),
                null,
                null,
                false);
    }
}
