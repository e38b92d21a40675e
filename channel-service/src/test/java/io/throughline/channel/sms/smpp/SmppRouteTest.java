package io.throughline.channel.sms.smpp;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.HandedOver;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Lease;
import io.throughline.channel.route.Leases;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.sms.Concatenation;
import io.throughline.channel.sms.Segmentation;
import io.throughline.channel.sms.SmsEncoding;
import io.throughline.channel.sms.smpp.ScriptedSmsc.Recall;
import io.throughline.channel.sms.smpp.ScriptedSmsc.Reply;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jsmpp.bean.CancelSm;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.SubmitSm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The SMS route")
@Timeout(60)
class SmppRouteTest {

    private static final String TO = "+34600111222";
    private static final Lease FAILS =
            () -> Uni.createFrom().failure(new IllegalStateException("the gate is away"));

    private final HeardInbound heard = new HeardInbound();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<SmppRoute> routes = new ArrayList<>();
    private ScriptedSmsc smsc;

    @BeforeEach
    void openTheCarrier() throws Exception {
        smsc = new ScriptedSmsc();
    }

    @AfterEach
    void closeAll() throws Exception {
        routes.forEach(SmppRoute::close);
        smsc.close();
    }

    // Submitting

    @Test
    void handsATextOverAndTellsTheCarriersId() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script = pdu -> new Reply.Take("7F3A");

        assertThat(result(route.handOver(sms("Your basket is waiting"))))
                .isEqualTo(new HandOver.Accepted(List.of("7F3A")));

        SubmitSm pdu = smsc.submitted.getFirst();
        assertThat(pdu.getDestAddress()).isEqualTo("34600111222");
        assertThat(pdu.getDestAddrTon()).isEqualTo((byte) 1);
        assertThat(pdu.getSourceAddr()).isEqualTo("12345");
        assertThat(pdu.getRegisteredDelivery()).isEqualTo((byte) 1);
        assertThat(pdu.getValidityPeriod()).matches("0000000059..000R");
        assertThat(text(pdu)).isEqualTo("Your basket is waiting");
        assertThat(registry.timer("throughline.smpp.submit", "outcome", "accepted").count())
                .isEqualTo(1);
    }

    @Test
    void asksForNoReceiptOfAnAnswer() throws Exception {
        SmppRoute route = bound(Map.of());
        Outbound answer =
                new Outbound(
                        new MessageId(UUID.randomUUID()),
                        TO,
                        new Content.SmsAnswer("Reply STOP to end"),
                        Instant.now().plusSeconds(300),
                        Leases.HOLDS);

        assertThat(result(route.handOver(answer))).isInstanceOf(HandOver.Accepted.class);
        assertThat(smsc.submitted.getFirst().getRegisteredDelivery()).isZero();
        assertThat(text(smsc.submitted.getFirst())).isEqualTo("Reply STOP to end");
    }

    @Test
    void keepsIdsAsReceiptsWillNameThem() throws Exception {
        SmppRoute route = bound(Map.of("provider-ids", "STRIP_ZEROS"));
        smsc.script = pdu -> new Reply.Take("00042");

        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.Accepted(List.of("42")));
    }

    @Test
    void namesAMessageItselfWhereTheCarrierDoesNot() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script = pdu -> new Reply.Take("");
        Outbound message = sms("Hello");

        assertThat(result(route.handOver(message)))
                .isEqualTo(new HandOver.Accepted(List.of("unnamed:" + message.message() + "/1")));
    }

    @Test
    void sendsALongTextInPartsThatMakeItAgain() throws Exception {
        SmppRoute route = bound(Map.of());
        String text = "Ваша корзина ждёт 😀 ".repeat(12);
        smsc.script = pdu -> new Reply.Take("p" + smsc.submitted.size());

        HandOver outcome = result(route.handOver(sms(text)));

        List<SubmitSm> parts = smsc.submitted;
        assertThat(outcome).isEqualTo(new HandOver.Accepted(List.of("p1", "p2", "p3", "p4")));
        assertThat(parts.stream().map(SmppRouteTest::text).reduce("", String::concat))
                .isEqualTo(text);
        for (int i = 0; i < parts.size(); i++) {
            byte[] octets = parts.get(i).getShortMessage();
            assertThat(Concatenation.in(octets))
                    .isEqualTo(new Concatenation(octets[3] & 0xFF, 4, i + 1));
            assertThat(parts.get(i).getDataCoding()).isEqualTo((byte) 8);
            assertThat(parts.get(i).isUdhi()).isTrue();
        }
    }

    @Test
    void sendsTwoHundredMessagesThroughAWindowOfTen() throws Exception {
        SmppRoute route = bound(Map.of("window", "10"));
        smsc.script = pdu -> new Reply.Later(Duration.ofMillis(2), new Reply.Take(text(pdu)));
        List<Future<HandOver>> outcomes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Eventually.holds(() -> route.room() > 0);
            outcomes.add(route.handOver(sms("m" + i)).subscribeAsCompletionStage());
        }

        for (int i = 0; i < 200; i++) {
            assertThat(outcomes.get(i).get(10, TimeUnit.SECONDS))
                    .isEqualTo(new HandOver.Accepted(List.of("m" + i)));
        }
        assertThat(smsc.mostUnanswered.get()).isBetween(2, 10);
        Eventually.holds(() -> route.room() == 10);
    }

    @Test
    void takesNoMoreThanTheWindowsOfItsBinds() throws Exception {
        SmppRoute route = bound(Map.of("window", "2", "binds", "2", "response-timeout", "PT1S"));
        Eventually.holds(() -> route.room() == 4);
        smsc.script = pdu -> new Reply.Silence();
        for (int i = 0; i < 4; i++) {
            route.handOver(sms("m" + i)).subscribe().with(outcome -> {});
        }

        assertThat(route.room()).isZero();
        assertThat(result(route.handOver(sms("one more"))))
                .isEqualTo(new HandOver.NotTaken("the window is full"));
    }

    @Test
    void writesTheOctetsThatCarriersExpect() throws Exception {
        Instant now = Instant.parse("2026-11-23T10:00:00Z");
        SmppRoute route = started(Map.of(), InstantSource.fixed(now));
        Eventually.holds(route::up);
        for (String text : List.of("Hi €5 {now}", "Привет", "a".repeat(154) + "€".repeat(4))) {
            Outbound message =
                    new Outbound(
                            new MessageId(new UUID(0, 1)),
                            TO,
                            new Content.Sms(text),
                            now.plus(Duration.ofHours(26)),
                            Leases.HOLDS);
            assertThat(result(route.handOver(message))).isInstanceOf(HandOver.Accepted.class);
        }

        assertThat(String.join("\n", smsc.submittedHex) + "\n").isEqualTo(golden("submit_sm.hex"));
    }

    // Answers that are none, and others

    @Test
    void doesNotKnowWhenNoAnswerComes() throws Exception {
        SmppRoute route = bound(Map.of("response-timeout", "PT0.3S"));
        smsc.script = pdu -> new Reply.Silence();

        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.Unknown("no answer within PT0.3S"));
        assertThat(route.up()).isTrue();
        assertThat(route.room()).isEqualTo(50);
    }

    @Test
    void doesNotKnowAtOnceWhenTheLinkGoesAndBindsAgain() throws Exception {
        SmppRoute route = bound(Map.of("response-timeout", "PT30S"));
        smsc.script = pdu -> text(pdu).equals("last") ? new Reply.Hangup() : new Reply.Silence();
        Future<HandOver> waiting = route.handOver(sms("first")).subscribeAsCompletionStage();
        Eventually.holds(() -> smsc.submitted.size() == 1);

        HandOver last = result(route.handOver(sms("last")));

        HandOver lost = new HandOver.Unknown("the link to the carrier was lost before the answer");
        assertThat(last).isEqualTo(lost);
        assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo(lost);
        Eventually.holds(route::up);
        smsc.script = pdu -> new Reply.Take("again");
        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.Accepted(List.of("again")));
    }

    @Test
    void takesNothingWhileThereIsNoLink() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.close();
        Eventually.holds(() -> !route.up());

        assertThat(route.room()).isZero();
        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.NotTaken("the link to the carrier is down"));
    }

    @Test
    void slowsDownWhenTheCarrierSaysSoAndGoesOnLater() throws Exception {
        SmppRoute route = bound(Map.of("window", "8"));
        smsc.script = pdu -> new Reply.Refuse(0x58);

        HandOver outcome = result(route.handOver(sms("Hello")));

        assertThat(outcome).isInstanceOf(HandOver.Throttled.class);
        assertThat(((HandOver.Throttled) outcome).after())
                .isBetween(Duration.ofMillis(100), Duration.ofSeconds(1));
        assertThat(route.room()).isZero();
        assertThat(result(route.handOver(sms("Too soon")))).isInstanceOf(HandOver.Throttled.class);
        assertThat(smsc.submitted).hasSize(1);

        Eventually.holds(() -> route.room() > 0);
        assertThat(route.room()).isEqualTo(4);
        smsc.script = pdu -> new Reply.Take("ok");
        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.Accepted(List.of("ok")));
    }

    @Test
    void tellsARefusalWithTheCarriersCode() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script = pdu -> new Reply.Refuse(0x0B);

        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.Refused("0x0B", "ESME_RINVDSTADR"));
    }

    @Test
    void tellsThatAnotherTimeMayDo() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script = pdu -> new Reply.Refuse(0x08);

        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.NotTaken("0x08 ESME_RSYSERR"));
    }

    @Test
    void understandsACarriersOwnCodes() throws Exception {
        SmppRoute route = bound(Map.of("vendor-status.0x410", "TRANSIENT"));
        smsc.script = pdu -> new Reply.Refuse(0x410);

        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.NotTaken("0x410 vendor"));
    }

    @Test
    void bindsAgainWhenTheCarrierNoLongerKnowsTheSession() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script = pdu -> new Reply.Refuse(0x04);

        assertThat(result(route.handOver(sms("Hello"))))
                .isEqualTo(new HandOver.NotTaken("0x04 ESME_RINVBNDSTS"));
        Eventually.holds(() -> smsc.bindAttempts.get() == 2 && route.up());
    }

    @Test
    void doesNotKnowOfATextOfWhichAPartWasTaken() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script =
                pdu -> smsc.submitted.size() == 1 ? new Reply.Take("p1") : new Reply.Refuse(0x0B);

        assertThat(result(route.handOver(sms("a".repeat(400)))))
                .isEqualTo(
                        new HandOver.Unknown(
                                "1 of 3 parts taken, 0 unanswered: 0x0B ESME_RINVDSTADR",
                                List.of("p1"),
                                0,
                                2));
    }

    @Test
    void submitsNothingWhenTheLeaseIsOver() throws Exception {
        SmppRoute route = bound(Map.of());

        assertThat(result(route.handOver(leased("Hello", Leases.OVER))))
                .isEqualTo(new HandOver.NotTaken("its lease was over, and it got no other"));
        assertThat(result(route.handOver(leased("Hello", FAILS))))
                .isInstanceOf(HandOver.NotTaken.class);
        assertThat(smsc.submitted).isEmpty();
    }

    @Test
    void submitsNoFurtherPartWhenTheLeaseIsOver() throws Exception {
        SmppRoute route = bound(Map.of());

        HandOver outcome = result(route.handOver(leased("a".repeat(400), Leases.times(2))));

        assertThat(outcome)
                .isEqualTo(
                        new HandOver.Unknown(
                                "2 of 3 parts taken, 0 unanswered: its lease was over, and it got"
                                        + " no other",
                                List.of("id-1", "id-2"),
                                0,
                                1));
        assertThat(smsc.submitted).hasSize(2);
    }

    @Test
    void finishesATextThatHasBegunAlsoOverALinkThatCameBack() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script =
                pdu -> {
                    if (smsc.submitted.size() == 2) {
                        return new Reply.Refuse(0x14);
                    }
                    return new Reply.Take("p" + smsc.submitted.size());
                };

        assertThat(result(route.handOver(sms("a".repeat(200)))))
                .isEqualTo(new HandOver.Accepted(List.of("p1", "p3")));
    }

    @Test
    void refusesWhatNoCarrierCouldTake() throws Exception {
        SmppRoute route = bound(Map.of());

        assertThat(result(route.handOver(sms("a".repeat(40_000)))))
                .isEqualTo(new HandOver.Refused("invalid", "262 parts, at most 255"));
        assertThat(result(route.handOver(to("600111222", "Hello", Duration.ofHours(1)))))
                .isEqualTo(new HandOver.Refused("invalid", "not an E.164 number with +"));
        assertThat(result(route.handOver(to(TO, "Hello", Duration.ZERO))))
                .isEqualTo(new HandOver.NotTaken("the deadline has passed"));
        assertThat(smsc.submitted).isEmpty();
    }

    // Keeping the link

    @Test
    void doesNotHammerWithAPasswordThatIsRefused() throws Exception {
        SmppRoute refused = started(Map.of("password", "wrong"));
        Eventually.holds(() -> smsc.bindAttempts.get() == 1);

        SmppRoute other = bound(Map.of());
        for (int lost = 1; lost <= 2; lost++) {
            int attempts = 2 + lost;
            smsc.hangUp();
            Eventually.holds(() -> smsc.bindAttempts.get() == attempts && other.up());
        }

        assertThat(refused.up()).isFalse();
        assertThat(smsc.bindAttempts.get()).as("one refused, three bound").isEqualTo(4);
    }

    @Test
    void triesAQuietLinkAndGivesADeadOneUp() throws Exception {
        SmppRoute route = bound(Map.of("enquire-interval", "PT0.2S", "response-timeout", "PT0.3S"));
        Eventually.holds(() -> smsc.enquiries.get() > 1);
        assertThat(route.up()).isTrue();

        smsc.deaf = true;
        Eventually.holds(() -> !route.up());
        smsc.deaf = false;
        Eventually.holds(route::up);
    }

    @Test
    void waitsForAnswersAndTakesItsLeaveWhenItCloses() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.script = pdu -> new Reply.Later(Duration.ofMillis(300), new Reply.Take("late"));
        Future<HandOver> outcome = route.handOver(sms("Hello")).subscribeAsCompletionStage();
        Eventually.holds(() -> smsc.submitted.size() == 1);

        route.close();

        assertThat(outcome.get(1, TimeUnit.SECONDS))
                .isEqualTo(new HandOver.Accepted(List.of("late")));
        assertThat(smsc.unbinds.get()).isEqualTo(1);
        assertThat(route.up()).isFalse();
    }

    // DeliverSmIntake

    @Test
    void acknowledgesATextOnlyWhenItIsStored() throws Exception {
        bound(Map.of());
        CompletableFuture<Void> storing = new CompletableFuture<>();
        heard.then = Uni.createFrom().completionStage(storing);

        CompletableFuture<Integer> answer =
                smsc.deliver(DeliverSmBytes.text("34600111222", "STOP"));
        Eventually.holds(() -> heard.texts.size() == 1);
        assertThat(heard.texts.getFirst().from()).isEqualTo("+34600111222");
        assertThat(heard.texts.getFirst().to()).isEqualTo("12345");
        assertThat(heard.texts.getFirst().text()).isEqualTo("STOP");
        assertThat(answer).isNotDone();

        storing.complete(null);
        assertThat(answer.get(5, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void asksForATextAgainThatCouldNotBeStored() throws Exception {
        bound(Map.of());
        heard.then = Uni.createFrom().failure(new IllegalStateException("no database"));

        assertThat(
                        smsc.deliver(DeliverSmBytes.text("34600111222", "STOP"))
                                .get(5, TimeUnit.SECONDS))
                .isEqualTo(0x64);
    }

    @Test
    void asksForATextAgainThatIsNotStoredInTime() throws Exception {
        bound(Map.of("inbound-timeout", "PT0.2S"));
        heard.then = Uni.createFrom().nothing();

        assertThat(
                        smsc.deliver(DeliverSmBytes.text("34600111222", "STOP"))
                                .get(5, TimeUnit.SECONDS))
                .isEqualTo(0x64);
    }

    @Test
    void goesOnSubmittingWhileTextsWaitToBeStored() throws Exception {
        SmppRoute route = bound(Map.of());
        CompletableFuture<Void> storing = new CompletableFuture<>();
        heard.then = Uni.createFrom().completionStage(storing);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(smsc.deliver(DeliverSmBytes.text("34600111222", "hello " + i)));
        }
        Eventually.holds(() -> heard.texts.size() == 100);

        assertThat(result(route.handOver(sms("Hello")))).isInstanceOf(HandOver.Accepted.class);
        assertThat(answers).noneMatch(CompletableFuture::isDone);
        storing.complete(null);
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.get(5, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void joinsATextThatComesInPartsAndAcknowledgesThemTogether() throws Exception {
        bound(Map.of());
        String text = "I would rather not have any more of these. ".repeat(5);
        List<byte[]> parts = Segmentation.of(text).userData(9);

        CompletableFuture<Integer> second =
                smsc.deliver(DeliverSmBytes.part("34600111222", parts.getLast()));
        assertThat(second).isNotDone();
        CompletableFuture<Integer> first =
                smsc.deliver(DeliverSmBytes.part("34600111222", parts.getFirst()));

        assertThat(first.get(5, TimeUnit.SECONDS)).isZero();
        assertThat(second.get(5, TimeUnit.SECONDS)).isZero();
        assertThat(heard.texts).extracting(InboundText::text).containsExactly(text);
        assertThat(
                        smsc.deliver(DeliverSmBytes.part("34600111222", parts.getFirst()))
                                .get(5, TimeUnit.SECONDS))
                .isZero();
        assertThat(heard.texts).hasSize(1);
    }

    @Test
    void asksForAPartAgainWhoseOthersStayAwayAndStillKnowsIt() throws Exception {
        bound(Map.of("inbound-timeout", "PT0.3S"));
        String text = "I would rather not have any more of these. ".repeat(5);
        List<byte[]> parts = Segmentation.of(text).userData(9);

        assertThat(
                        smsc.deliver(DeliverSmBytes.part("34600111222", parts.getFirst()))
                                .get(5, TimeUnit.SECONDS))
                .isEqualTo(0x64);
        assertThat(
                        smsc.deliver(DeliverSmBytes.part("34600111222", parts.getLast()))
                                .get(5, TimeUnit.SECONDS))
                .isZero();
        assertThat(heard.texts).extracting(InboundText::text).containsExactly(text);
    }

    @Test
    void tellsOfAReceipt() throws Exception {
        bound(Map.of("provider-ids", "RECEIPT_HEX_TO_DECIMAL"));

        CompletableFuture<Integer> answer =
                smsc.deliver(
                        DeliverSmBytes.receipt(
                                "id:ff sub:001 dlvrd:000 stat:DELIVRD err:000 text:Hello",
                                new OptionalParameter.Receipted_message_id("0100"),
                                new OptionalParameter.Message_state((byte) 5),
                                new OptionalParameter.Network_error_code(new byte[] {3, 0, 45})));

        assertThat(answer.get(5, TimeUnit.SECONDS)).isZero();
        Receipt receipt = heard.receipts.getFirst();
        assertThat(receipt)
                .isEqualTo(
                        new Receipt(
                                "smpp",
                                Channel.SMS,
                                "256",
                                "+34600111222",
                                Receipt.Status.FAILED,
                                "UNDELIV 045",
                                receipt.at()));
        assertThat(heard.texts).isEmpty();
    }

    @Test
    void acknowledgesAReceiptThatSaysNothing() throws Exception {
        bound(Map.of());

        assertThat(smsc.deliver(DeliverSmBytes.receipt("delivered!")).get(5, TimeUnit.SECONDS))
                .isZero();
        assertThat(heard.receipts).isEmpty();
    }

    // Recalling

    static Stream<Arguments> answersToARecall() {
        return Stream.of(
                Arguments.of(new Recall.Answer(0), new RecallAnswer.GivenBack()),
                Arguments.of(
                        new Recall.Answer(0x11), new RecallAnswer.TooLate("0x11 ESME_RCANCELFAIL")),
                Arguments.of(
                        new Recall.Answer(0x0C), new RecallAnswer.TooLate("0x0C ESME_RINVMSGID")),
                Arguments.of(
                        new Recall.Answer(0x03), new RecallAnswer.Refused("0x03 ESME_RINVCMDID")),
                Arguments.of(
                        new Recall.Nack(0x03), new RecallAnswer.Refused("0x03 ESME_RINVCMDID")),
                Arguments.of(
                        new Recall.Answer(0x65), new RecallAnswer.Refused("0x65 ESME_RX_P_APPN")),
                Arguments.of(
                        new Recall.Answer(0x58), new RecallAnswer.NotNow("0x58 ESME_RTHROTTLED")),
                Arguments.of(new Recall.Answer(0x08), new RecallAnswer.NotNow("0x08 ESME_RSYSERR")),
                Arguments.of(
                        new Recall.Silence(),
                        new RecallAnswer.Unanswered("no answer within PT0.3S")));
    }

    @ParameterizedTest
    @MethodSource("answersToARecall")
    void tellsWhatTheCarrierSaysToGivingATextBack(Recall said, RecallAnswer heardAs)
            throws Exception {
        SmppRoute route = bound(Map.of("response-timeout", "PT0.3S"));
        smsc.script = pdu -> new Reply.Take("7F3A");
        HandOver.Accepted taken = (HandOver.Accepted) result(route.handOver(sms("Hello")));
        smsc.recall = said;

        assertThat(recall(route, taken.providerIds())).isEqualTo(heardAs);

        CancelSm asked = smsc.recalled.getFirst();
        assertThat(asked.getMessageId()).isEqualTo("7F3A");
        assertThat(asked.getSourceAddr()).isEqualTo(smsc.submitted.getFirst().getSourceAddr());
        assertThat(asked.getDestinationAddress())
                .isEqualTo(smsc.submitted.getFirst().getDestAddress());
    }

    @Test
    void asksForNoFurtherPartOnceOneIsNotGivenBack() throws Exception {
        SmppRoute route = bound(Map.of());
        smsc.recall = new Recall.Answer(0x11);

        assertThat(recall(route, List.of("p1", "p2", "p3")))
                .isInstanceOf(RecallAnswer.TooLate.class);
        assertThat(smsc.recalled).hasSize(1);
    }

    private static RecallAnswer recall(SmppRoute route, List<String> ids) throws Exception {
        return ((Recallability.OnRequest) route.recallability())
                .asking()
                .recall(new HandedOver(new MessageId(UUID.randomUUID()), TO, ids))
                .subscribeAsCompletionStage()
                .get(20, TimeUnit.SECONDS);
    }

    // The test's own

    private SmppRoute bound(Map<String, String> settings) throws Exception {
        SmppRoute route = started(settings);
        Eventually.holds(route::up);
        return route;
    }

    private SmppRoute started(Map<String, String> settings) {
        return started(settings, InstantSource.system());
    }

    private SmppRoute started(Map<String, String> settings, InstantSource clock) {
        Carrier carrier = Carrier.of(CarrierTest.settings(smsc.port(), settings));
        SmppRoute route =
                new SmppRoute(
                        carrier,
                        new DeliverSmIntake(carrier, heard, clock, Thread::startVirtualThread),
                        clock,
                        new SplittableRandom(1),
                        new SubmissionMeter(registry));
        routes.add(route);
        route.start();
        return route;
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = SmppRouteTest.class.getResourceAsStream("/golden/sms/" + name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static Outbound sms(String text) {
        return to(TO, text, Duration.ofHours(1));
    }

    private static Outbound to(String to, String text, Duration remaining) {
        return outbound(to, text, remaining, Leases.HOLDS);
    }

    private static Outbound leased(String text, Lease lease) {
        return outbound(TO, text, Duration.ofHours(1), lease);
    }

    private static Outbound outbound(String to, String text, Duration remaining, Lease lease) {
        return new Outbound(
                new MessageId(UUID.randomUUID()),
                to,
                new Content.Sms(text),
                Instant.now().plus(remaining),
                lease);
    }

    private static HandOver result(Uni<HandOver> outcome) throws Exception {
        return outcome.subscribeAsCompletionStage().get(20, TimeUnit.SECONDS);
    }

    private static String text(SubmitSm pdu) {
        byte[] octets = pdu.getShortMessage();
        return SmsEncoding.decode(
                pdu.isUdhi() ? Concatenation.textIn(octets) : octets, pdu.getDataCoding());
    }
}
