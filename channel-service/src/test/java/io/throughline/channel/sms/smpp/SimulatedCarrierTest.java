package io.throughline.channel.sms.smpp;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.HandedOver;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Leases;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Receipt;
import io.throughline.contracts.MessageId;
import io.throughline.local.simulators.SmsBehaviour;
import io.throughline.local.simulators.SmscSimulator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The route against the carrier that the local stack has: another's reading of SMPP. */
@DisplayName("With the local stack's carrier the SMS route")
@Timeout(60)
class SimulatedCarrierTest {

    private final HeardInbound heard = new HeardInbound();
    private final SmscSimulator smsc =
            SmscSimulator.start(0, "throughline", ScriptedSmsc.PASSWORD, InstantSource.system());
    private SmppRoute route;

    @BeforeEach
    void bind() throws Exception {
        Carrier carrier = Carrier.of(CarrierTest.settings(smsc.port(), Map.of()));
        InstantSource clock = InstantSource.system();
        route =
                new SmppRoute(
                        carrier,
                        new DeliverSmIntake(carrier, heard, clock, Thread::startVirtualThread),
                        clock,
                        new SplittableRandom(1),
                        new SubmissionMeter(new SimpleMeterRegistry()));
        route.start();
        Eventually.holds(route::up);
    }

    @AfterEach
    void close() {
        route.close();
        smsc.close();
    }

    @Test
    void getsAReceiptForEachPartOfALongText() throws Exception {
        HandOver outcome = handOver("Ваша корзина ждёт 😀 ".repeat(12));

        assertThat(outcome).isInstanceOf(HandOver.Accepted.class);
        List<String> ids = ((HandOver.Accepted) outcome).providerIds();
        assertThat(ids).hasSize(4).doesNotHaveDuplicates();
        Eventually.holds(() -> heard.receipts.size() == 4);
        assertThat(heard.receipts)
                .extracting(Receipt::providerId)
                .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(heard.receipts)
                .extracting(Receipt::status)
                .containsOnly(Receipt.Status.DELIVERED);
    }

    @Test
    void hearsASubscriber() {
        assertThat(smsc.inbound("34600111222", "12345", "STOP")).isZero();
        assertThat(heard.texts).extracting(InboundText::text).containsExactly("STOP");
        assertThat(heard.texts).extracting(InboundText::from).containsExactly("+34600111222");
        assertThat(heard.texts).extracting(InboundText::to).containsExactly("12345");
    }

    @Test
    void isThrottledAndGoesOn() throws Exception {
        smsc.behave(new SmsBehaviour(0, true, Map.of(), false, false, true, 0, "DELIVRD"));
        assertThat(handOver("Hello")).isInstanceOf(HandOver.Throttled.class);

        smsc.behave(SmsBehaviour.OBLIGING);
        Eventually.holds(() -> route.room() > 0);
        assertThat(handOver("Hello")).isInstanceOf(HandOver.Accepted.class);
    }

    @Test
    void comesBackAfterTheLineWasCut() throws Exception {
        smsc.cutLinks();
        Eventually.holds(() -> !route.up());
        Eventually.holds(route::up);

        assertThat(handOver("Hello")).isInstanceOf(HandOver.Accepted.class);
    }

    @Test
    void getsATextBackThatTheCarrierStillHolds() throws Exception {
        smsc.behave(new SmsBehaviour(0, false, Map.of(), false, false, true, 600_000, "DELIVRD"));
        List<String> ids = accepted("Ваша корзина ждёт ".repeat(12));

        assertThat(recall(ids)).isEqualTo(new RecallAnswer.GivenBack());

        assertThat(smsc.cancelled()).containsExactlyElementsOf(ids);
        Eventually.holds(() -> heard.receipts.size() == ids.size());
        assertThat(heard.receipts).extracting(Receipt::status).containsOnly(Receipt.Status.FAILED);
    }

    @Test
    void isTooLateForATextThatWasDelivered() throws Exception {
        smsc.behave(new SmsBehaviour(0, false, Map.of(), false, false, true, 0, "DELIVRD"));
        List<String> ids = accepted("Hello");
        Eventually.holds(() -> !heard.receipts.isEmpty());

        assertThat(recall(ids)).isEqualTo(new RecallAnswer.TooLate("0x11 ESME_RCANCELFAIL"));
        assertThat(smsc.cancelled()).isEmpty();
    }

    @Test
    void asksNobodyForATextWhileTheLineIsDown() throws Exception {
        smsc.behave(new SmsBehaviour(0, false, Map.of(), false, true, true, 600_000, "DELIVRD"));
        List<String> ids = accepted("Hello");
        smsc.cutLinks();
        Eventually.holds(() -> !route.up());

        assertThat(recall(ids)).isInstanceOf(RecallAnswer.NotNow.class);
    }

    private List<String> accepted(String text) throws Exception {
        return ((HandOver.Accepted) handOver(text)).providerIds();
    }

    private RecallAnswer recall(List<String> ids) throws Exception {
        return ((Recallability.OnRequest) route.recallability())
                .asking()
                .recall(new HandedOver(new MessageId(UUID.randomUUID()), "+34600111222", ids))
                .subscribeAsCompletionStage()
                .get(20, TimeUnit.SECONDS);
    }

    private HandOver handOver(String text) throws Exception {
        return route.handOver(
                        new Outbound(
                                new MessageId(UUID.randomUUID()),
                                "+34600111222",
                                new Content.Sms(text),
                                Instant.now().plus(Duration.ofHours(1)),
                                Leases.HOLDS))
                .subscribeAsCompletionStage()
                .get(20, TimeUnit.SECONDS);
    }
}
