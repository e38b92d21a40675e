package io.throughline.local.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.local.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.AlertNotification;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.DataCodings;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.ResponseTimeoutException;
import org.jsmpp.session.BindParameter;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.MessageReceiverListener;
import org.jsmpp.session.SMPPSession;
import org.jsmpp.session.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SmscSimulatorTest {

    private static final String OURS = "41790000000";
    private static final String SUBSCRIBER = "41791111111";
    private static final byte UDHI = 0x40;
    private static final byte UCS2 = 8;

    private final List<DeliverSm> delivered = new CopyOnWriteArrayList<>();
    private volatile int inboundStatus = SMPPConstant.STAT_ESME_ROK;
    private SmscSimulator smsc;
    private MailSink mails;
    private SimulatorsApi api;
    private Simulators simulators;
    private SMPPSession link;

    @BeforeEach
    void bind() throws Exception {
        smsc = SmscSimulator.start(0, "throughline", "local", InstantSource.system());
        mails = MailSink.start(0, InstantSource.system());
        api = SimulatorsApi.start(0, smsc, mails);
        simulators = new Simulators(URI.create("http://127.0.0.1:" + api.port()));
        link = bound("local");
    }

    @AfterEach
    void close() {
        link.close();
        api.close();
        mails.close();
        smsc.close();
    }

    @Test
    void aSubmittedTextIsRememberedUnderTheIdThatWasAnswered() throws Exception {
        String id = submit("Your cart is waiting: 20 €", (byte) 0, false);
        assertThat(simulators.smsTo("+" + SUBSCRIBER))
                .singleElement()
                .satisfies(sms -> {
                    assertThat(sms.messageIds()).containsExactly(id);
                    assertThat(sms.from()).isEqualTo(OURS);
                    assertThat(sms.text()).isEqualTo("Your cart is waiting: 20 €");
                });
        assertThat(simulators.smsTo("+41792222222")).isEmpty();
        assertThat(simulators.smsTotal()).isEqualTo(1);
    }

    @Test
    void ucs2TextIsDecoded() throws Exception {
        submit("Здравствуйте 🙂", UCS2, false);
        assertThat(simulators.sms()).extracting(Sms::text).containsExactly("Здравствуйте 🙂");
    }

    @Test
    void partsAreJoinedInTheirOrderWhateverOrderTheyComeIn() throws Exception {
        String second = submitPart(7, 2, 2, "and more");
        assertThat(simulators.sms()).isEmpty();
        String first = submitPart(7, 2, 1, "Much ");
        assertThat(simulators.sms())
                .singleElement()
                .satisfies(sms -> {
                    assertThat(sms.text()).isEqualTo("Much and more");
                    assertThat(sms.messageIds()).containsExactly(first, second);
                });
    }

    @Test
    void aReceiptThatWasAskedForComesAsTextAndAsParameters() throws Exception {
        String id = submit("hello", (byte) 0, true);
        Eventually.await("a receipt", () -> !delivered.isEmpty());
        DeliverSm receipt = delivered.getFirst();
        assertThat(receipt.isSmscDeliveryReceipt()).isTrue();
        assertThat(receipt.getSourceAddr()).isEqualTo(SUBSCRIBER);
        assertThat(new String(receipt.getShortMessage(), StandardCharsets.US_ASCII))
                .matches(
                        "id:%s sub:001 dlvrd:001 submit date:[0-9]{10} done date:[0-9]{10} stat:DELIVRD err:000 text:"
                                .formatted(id));
        OptionalParameter.OctetString receipted =
                receipt.getOptionalParameter(OptionalParameter.Receipted_message_id.class);
        OptionalParameter.Byte state =
                receipt.getOptionalParameter(OptionalParameter.Message_state.class);
        assertThat(receipted.getValueAsString()).isEqualTo(id);
        assertThat(state.getValue()).isEqualTo((byte) 2);
    }

    @Test
    void aReceiptThatIsRefusedForNowComesAgain() throws Exception {
        inboundStatus = 0x64;
        submit("hello", (byte) 0, true);
        Eventually.await("a refused receipt", () -> delivered.size() >= 1);
        inboundStatus = SMPPConstant.STAT_ESME_ROK;
        int refused = delivered.size();
        Eventually.await("the receipt again", () -> delivered.size() > refused);
    }

    @Test
    void aTextFromASubscriberIsAnsweredWithTheStatusOfItsResponse() {
        assertThat(simulators.textFromSubscriber(SUBSCRIBER, OURS, "STOP"))
                .isEqualTo(SMPPConstant.STAT_ESME_ROK);
        assertThat(delivered)
                .singleElement()
                .satisfies(text -> {
                    assertThat(text.getSourceAddr()).isEqualTo(SUBSCRIBER);
                    assertThat(text.getDestAddress()).isEqualTo(OURS);
                    assertThat(new String(text.getShortMessage(), StandardCharsets.UTF_8))
                            .isEqualTo("STOP");
                });
        inboundStatus = 0x64;
        assertThat(simulators.textFromSubscriber(SUBSCRIBER, OURS, "STOP")).isEqualTo(0x64);
    }

    @Test
    void aTextThatNobodyIsBoundForIsRefusedToTheCaller() {
        link.unbindAndClose();
        Eventually.await("no link", () -> simulators.boundLinks() == 0);
        assertThatThrownBy(() -> simulators.textFromSubscriber(SUBSCRIBER, OURS, "STOP"))
                .hasMessageContaining("nobody is bound");
    }

    @Test
    void aWrongPasswordAndARefusedBindAreAnswered() {
        assertThatThrownBy(() -> bound("wrong"))
                .hasRootCauseInstanceOf(NegativeResponseException.class)
                .rootCause()
                .extracting(e -> ((NegativeResponseException) e).getCommandStatus())
                .isEqualTo(SMPPConstant.STAT_ESME_RINVPASWD);
        SmsBehaviour normal = SmsBehaviour.OBLIGING;
        simulators.smsBehave(
                new SmsBehaviour(0, false, Map.of(), false, true, true, 0, normal.receiptState()));
        assertThatThrownBy(() -> bound("local"))
                .rootCause()
                .extracting(e -> ((NegativeResponseException) e).getCommandStatus())
                .isEqualTo(SMPPConstant.STAT_ESME_RBINDFAIL);
    }

    @Test
    void itThrottlesAndRefusesANumberUntilToldOtherwise() throws Exception {
        behave(true, Map.of(), false);
        assertThatThrownBy(() -> submit("hello", (byte) 0, false))
                .isInstanceOfSatisfying(
                        NegativeResponseException.class,
                        e ->
                                assertThat(e.getCommandStatus())
                                        .isEqualTo(SMPPConstant.STAT_ESME_RTHROTTLED));
        behave(false, Map.of(SUBSCRIBER, SMPPConstant.STAT_ESME_RINVDSTADR), false);
        assertThatThrownBy(() -> submit("hello", (byte) 0, false))
                .isInstanceOfSatisfying(
                        NegativeResponseException.class,
                        e ->
                                assertThat(e.getCommandStatus())
                                        .isEqualTo(SMPPConstant.STAT_ESME_RINVDSTADR));
        assertThat(simulators.sms()).isEmpty();
        simulators.clear();
        submit("hello", (byte) 0, false);
        assertThat(simulators.sms()).hasSize(1);
    }

    @Test
    void aDroppedResponseLeavesTheTextTakenAndTheLinkUp() throws Exception {
        behave(false, Map.of(), true);
        link.setTransactionTimer(300);
        assertThatThrownBy(() -> submit("hello", (byte) 0, false))
                .isInstanceOf(ResponseTimeoutException.class);
        assertThat(simulators.sms()).hasSize(1);
        simulators.clear();
        link.setTransactionTimer(10_000);
        submit("again", (byte) 0, false);
        assertThat(simulators.sms()).extracting(Sms::text).containsExactly("again");
    }

    @Test
    void aCutLinkIsSeenByTheOtherSide() {
        simulators.cutLinks();
        Eventually.await("the cut", () -> !link.getSessionState().isBound());
    }

    private void behave(boolean throttle, Map<String, Integer> refuse, boolean dropResponses) {
        simulators.smsBehave(
                new SmsBehaviour(0, throttle, refuse, dropResponses, false, true, 0, "DELIVRD"));
    }

    private SMPPSession bound(String password) throws IOException {
        SMPPSession session = new SMPPSession();
        session.setTransactionTimer(10_000);
        session.setMessageReceiverListener(new Subscriptions());
        session.connectAndBind(
                "127.0.0.1",
                smsc.port(),
                new BindParameter(
                        BindType.BIND_TRX,
                        "throughline",
                        password,
                        "",
                        TypeOfNumber.UNKNOWN,
                        NumberingPlanIndicator.UNKNOWN,
                        null),
                10_000);
        return session;
    }

    private String submit(String text, byte coding, boolean receipt) throws Exception {
        return submit(
                new ESMClass(),
                coding,
                SmsText.encode(text, coding),
                new RegisteredDelivery(receipt ? 1 : 0));
    }

    private String submitPart(int reference, int total, int number, String text) throws Exception {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(new byte[] {5, 0, 3, (byte) reference, (byte) total, (byte) number});
        message.writeBytes(SmsText.encode(text, (byte) 0));
        return submit(
                new ESMClass(UDHI), (byte) 0, message.toByteArray(), new RegisteredDelivery(0));
    }

    private String submit(ESMClass esm, byte coding, byte[] octets, RegisteredDelivery receipt)
            throws Exception {
        return link.submitShortMessage(
                        "",
                        TypeOfNumber.INTERNATIONAL,
                        NumberingPlanIndicator.ISDN,
                        OURS,
                        TypeOfNumber.INTERNATIONAL,
                        NumberingPlanIndicator.ISDN,
                        SUBSCRIBER,
                        esm,
                        (byte) 0,
                        (byte) 0,
                        null,
                        null,
                        receipt,
                        (byte) 0,
                        DataCodings.newInstance(coding),
                        (byte) 0,
                        octets)
                .getMessageId();
    }

    private final class Subscriptions implements MessageReceiverListener {

        @Override
        public void onAcceptDeliverSm(DeliverSm message) throws ProcessRequestException {
            delivered.add(message);
            if (inboundStatus != SMPPConstant.STAT_ESME_ROK) {
                throw new ProcessRequestException("later", inboundStatus);
            }
        }

        @Override
        public void onAcceptAlertNotification(AlertNotification notification) {}

        @Override
        public DataSmResult onAcceptDataSm(DataSm message, Session source)
                throws ProcessRequestException {
            throw new ProcessRequestException("no", SMPPConstant.STAT_ESME_RINVCMDID);
        }
    }
}
