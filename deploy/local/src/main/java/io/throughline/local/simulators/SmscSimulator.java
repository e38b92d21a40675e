package io.throughline.local.simulators;

import io.throughline.local.infrastructure.StartFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jsmpp.InvalidResponseException;
import org.jsmpp.PDUException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.BroadcastSm;
import org.jsmpp.bean.CancelBroadcastSm;
import org.jsmpp.bean.CancelSm;
import org.jsmpp.bean.DataCodings;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.QueryBroadcastSm;
import org.jsmpp.bean.QuerySm;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.ReplaceSm;
import org.jsmpp.bean.SubmitMulti;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.ResponseTimeoutException;
import org.jsmpp.session.BindRequest;
import org.jsmpp.session.BroadcastSmResult;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.QueryBroadcastSmResult;
import org.jsmpp.session.QuerySmResult;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.SMPPServerSessionListener;
import org.jsmpp.session.ServerMessageReceiverListener;
import org.jsmpp.session.Session;
import org.jsmpp.session.SubmitMultiResult;
import org.jsmpp.session.SubmitSmResult;
import org.jsmpp.session.connection.ServerConnection;
import org.jsmpp.session.connection.ServerConnectionFactory;
import org.jsmpp.session.connection.socket.ServerSocketConnection;
import org.jsmpp.util.MessageId;

/**
 * An SMSC that speaks SMPP 3.4 on loopback: binds with a password check, takes {@code submit_sm},
 * sends the receipts that were asked for (text form and TLVs), gives back by {@code cancel_sm} what
 * it has not delivered yet, carries texts from subscribers, and misbehaves on request.
 */
public final class SmscSimulator implements AutoCloseable {

    private static final int REMEMBERED = 20_000;
    private static final int UNFINISHED_CONCATENATIONS = 1_000;
    private static final long BIND_MILLIS = 5_000;
    private static final long DELIVER_RESPONSE_MILLIS = 10_000;
    private static final long RECEIPT_AGAIN_MILLIS = 200;
    private static final int RECEIPT_ATTEMPTS = 1_500;

    /** Unanswered receipts under way at once, as an SMSC's window would have it. */
    private static final int RECEIPT_WINDOW = 100;

    /** Submits processed at once on one link; a latency holds one of them. */
    private static final int PROCESSORS = 20;

    /** Numbers that end so are out of reach: their messages are held, and can be cancelled. */
    static final String HELD_SUFFIX = "000777";

    private static final long HELD_MILLIS = 600_000;

    private static final byte RECEIPT = 0x04;
    private static final DateTimeFormatter RECEIPT_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmm").withZone(ZoneOffset.UTC);

    private final int port;
    private final String systemId;
    private final String password;
    private final InstantSource clock;
    private final SMPPServerSessionListener listener;
    private final List<SMPPServerSession> links = new CopyOnWriteArrayList<>();
    private final Received<Sms> received = new Received<>(REMEMBERED);
    private final Received<String> cancelled = new Received<>(REMEMBERED);
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final SequencedMap<String, Unfinished> unfinished = new LinkedHashMap<>();
    private final AtomicLong nextId;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("smsc-receipts").factory());
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore receiptWindow = new Semaphore(RECEIPT_WINDOW);
    private volatile SmsBehaviour behaviour = SmsBehaviour.OBLIGING;
    private volatile boolean open = true;

    private SmscSimulator(
            ServerSocket socket, String systemId, String password, InstantSource clock)
            throws IOException {
        this.port = socket.getLocalPort();
        this.systemId = systemId;
        this.password = password;
        this.clock = clock;
        this.nextId = new AtomicLong(clock.millis() << 12);
        this.listener = new SMPPServerSessionListener(port, new Loopback(socket));
        listener.setPduProcessorDegree(PROCESSORS);
        listener.setQueueCapacity(10_000);
        listener.setMessageReceiverListener(new Submissions());
    }

    /**
     * @param port 0 for one that is free
     */
    public static SmscSimulator start(
            int port, String systemId, String password, InstantSource clock) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            SmscSimulator simulator = new SmscSimulator(socket, systemId, password, clock);
            Thread.ofPlatform().daemon().name("smsc-accept").start(simulator::acceptLinks);
            return simulator;
        } catch (IOException refused) {
            throw new StartFailure(
                    "The SMSC simulator did not start on port %d: %s."
                            .formatted(port, refused.getMessage()),
                    refused);
        }
    }

    public int port() {
        return port;
    }

    public void behave(SmsBehaviour wanted) {
        behaviour = wanted;
    }

    public SmsBehaviour behaviour() {
        return behaviour;
    }

    Received<Sms> received() {
        return received;
    }

    /** Links bound now. */
    public int boundLinks() {
        return (int) links.stream().filter(link -> link.getSessionState().isBound()).count();
    }

    /** Cuts every link without an unbind, as a fault of the line would. */
    public void cutLinks() {
        links.forEach(SMPPServerSession::close);
    }

    /**
     * A text from a subscriber to us, as {@code deliver_sm}.
     *
     * @return the command status of {@code deliver_sm_resp}, 0 when it was taken
     * @throws IllegalStateException when nobody is bound to receive it or nobody answers
     * @throws IllegalArgumentException when the text is longer than one message
     */
    public int inbound(String from, String to, String text) {
        byte coding = SmsText.codingFor(text);
        byte[] octets = SmsText.encode(text, coding);
        if (!SmsText.fitsOneMessage(octets, coding)) {
            throw new IllegalArgumentException("the text is longer than one message");
        }
        SMPPServerSession link =
                receivingLink()
                        .orElseThrow(() ->
                                new IllegalStateException("nobody is bound to receive messages"));
        try {
            link.deliverShortMessage(
                    "",
                    TypeOfNumber.INTERNATIONAL,
                    NumberingPlanIndicator.ISDN,
                    from,
                    TypeOfNumber.INTERNATIONAL,
                    NumberingPlanIndicator.ISDN,
                    to,
                    new ESMClass(),
                    (byte) 0,
                    (byte) 0,
                    new RegisteredDelivery(),
                    DataCodings.newInstance(coding),
                    octets);
            return SMPPConstant.STAT_ESME_ROK;
        } catch (NegativeResponseException refused) {
            return refused.getCommandStatus();
        } catch (PDUException
                | ResponseTimeoutException
                | InvalidResponseException
                | IOException lost) {
            throw new IllegalStateException("no deliver_sm_resp came: " + lost.getMessage(), lost);
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            listener.close();
        } catch (IOException closed) {
            // It is closed either way.
        }
        links.forEach(SMPPServerSession::close);
        timer.shutdownNow();
        workers.shutdownNow();
    }

    private void acceptLinks() {
        while (open) {
            try {
                SMPPServerSession link = listener.accept();
                workers.execute(() -> bind(link));
            } catch (IOException | RejectedExecutionException closed) {
                if (open) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private void bind(SMPPServerSession link) {
        try {
            link.setTransactionTimer(DELIVER_RESPONSE_MILLIS);
            BindRequest request = link.waitForBind(BIND_MILLIS);
            if (behaviour.refuseBinds()) {
                request.reject(SMPPConstant.STAT_ESME_RBINDFAIL);
            } else if (!request.getSystemId().equals(systemId)) {
                request.reject(SMPPConstant.STAT_ESME_RINVSYSID);
            } else if (!request.getPassword().equals(password)) {
                request.reject(SMPPConstant.STAT_ESME_RINVPASWD);
            } else {
                links.removeIf(old -> !old.getSessionState().isBound());
                request.accept("throughline", InterfaceVersion.IF_34);
                links.add(link);
            }
        } catch (TimeoutException | PDUException | IOException | IllegalStateException gone) {
            link.close();
        }
    }

    private Optional<SMPPServerSession> receivingLink() {
        return links.stream().filter(link -> link.getSessionState().isReceivable()).findFirst();
    }

    private String accept(SubmitSm submit) throws ProcessRequestException {
        SmsBehaviour now = behaviour;
        pause(now.latencyMillis());
        if (now.throttle()) {
            throw new ProcessRequestException("throttled", SMPPConstant.STAT_ESME_RTHROTTLED);
        }
        Integer refusal = now.refuse().get(submit.getDestAddress());
        if (refusal != null) {
            throw new ProcessRequestException("refused", refusal);
        }
        String id = HexFormat.of().toHexDigits(nextId.getAndIncrement(), 14);
        keep(submit, id);
        Receipt receipt =
                new Receipt(
                        id,
                        submit.getDestAddress(),
                        submit.getSourceAddr(),
                        clock.instant(),
                        ReceiptState.named(now.receiptState()));
        boolean told = now.receipts() && wantsReceipt(submit);
        if (told || submit.getDestAddress().endsWith(HELD_SUFFIX)) {
            hold(new Held(receipt, told), holdMillis(submit, now));
        }
        if (now.dropResponses()) {
            throw new ResponseDropped();
        }
        return id;
    }

    /**
     * A message that has been taken and not delivered yet: it can be cancelled.
     *
     * @param told whether a receipt tells of its end
     */
    private record Held(Receipt receipt, boolean told) {}

    private static long holdMillis(SubmitSm submit, SmsBehaviour now) {
        return submit.getDestAddress().endsWith(HELD_SUFFIX)
                ? HELD_MILLIS
                : now.receiptDelayMillis();
    }

    private void hold(Held message, long millis) {
        held.put(message.receipt().id(), message);
        try {
            var _ =
                    timer.schedule(
                            () -> workers.execute(() -> deliver(message.receipt().id())),
                            millis,
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // Nobody is left to tell.
        }
    }

    private void deliver(String id) {
        Held message = held.remove(id);
        if (message != null && message.told()) {
            sendReceipt(message.receipt(), RECEIPT_ATTEMPTS);
        }
    }

    /** As an SMSC does: what was cancelled has a receipt too, and that says so. */
    private void cancel(CancelSm cancel) throws ProcessRequestException {
        Held message = held.get(cancel.getMessageId());
        if (message == null
                || !message.receipt().subscriber().equals(cancel.getDestinationAddress())
                || !held.remove(cancel.getMessageId(), message)) {
            throw new ProcessRequestException("it is not held", SMPPConstant.STAT_ESME_RCANCELFAIL);
        }
        cancelled.add(cancel.getMessageId());
        if (message.told()) {
            scheduleReceipt(message.receipt().as(ReceiptState.DELETED), 0, RECEIPT_ATTEMPTS);
        }
    }

    /** Ids of the parts that were cancelled before they were delivered. */
    public List<String> cancelled() {
        return cancelled.matching(id -> true);
    }

    private static boolean wantsReceipt(SubmitSm submit) {
        return (submit.getRegisteredDelivery() & 0x03) != 0;
    }

    private void keep(SubmitSm submit, String id) {
        OptionalParameter payload =
                submit.getOptionalParameter(OptionalParameter.Tag.MESSAGE_PAYLOAD);
        byte[] message =
                payload instanceof OptionalParameter.OctetString whole
                        ? whole.getValue()
                        : submit.getShortMessage();
        SmsText.Part part = SmsText.part(message, submit.getEsmClass());
        SmsText.Concatenation place = part.concatenation();
        if (place == null) {
            received.add(sms(submit, List.of(id), part.octets()));
            return;
        }
        String key =
                "%s %s %d/%d"
                        .formatted(
                                submit.getSourceAddr(),
                                submit.getDestAddress(),
                                place.reference(),
                                place.total());
        synchronized (unfinished) {
            if (unfinished.size() == UNFINISHED_CONCATENATIONS) {
                unfinished.pollFirstEntry();
            }
            Unfinished parts = unfinished.computeIfAbsent(key, first -> new Unfinished());
            parts.put(place.number(), part.octets(), id);
            if (parts.size() == place.total()) {
                unfinished.remove(key);
                received.add(sms(submit, parts.ids(), parts.octets()));
            }
        }
    }

    private Sms sms(SubmitSm submit, List<String> ids, byte[] octets) {
        return new Sms(
                ids,
                submit.getSourceAddr(),
                submit.getDestAddress(),
                SmsText.decode(octets, submit.getDataCoding()),
                submit.getDataCoding() & 0xFF,
                clock.instant());
    }

    private record Receipt(
            String id, String subscriber, String sender, Instant submitted, ReceiptState state) {

        Receipt as(ReceiptState other) {
            return new Receipt(id, subscriber, sender, submitted, other);
        }

        String text(Instant done) {
            String delivered = state == ReceiptState.DELIVRD ? "001" : "000";
            return "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:000 text:"
                    .formatted(
                            id,
                            delivered,
                            RECEIPT_TIME.format(submitted),
                            RECEIPT_TIME.format(done),
                            state);
        }
    }

    /** A receipt that nobody could take waits and is tried again, as an SMSC would. */
    private void scheduleReceipt(Receipt receipt, long delayMillis, int attempts) {
        if (attempts == 0) {
            return;
        }
        try {
            var _ =
                    timer.schedule(
                            () -> workers.execute(() -> sendReceipt(receipt, attempts)),
                            delayMillis,
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // Nobody is left to tell.
        }
    }

    private void sendReceipt(Receipt receipt, int attempts) {
        Optional<SMPPServerSession> link = receivingLink();
        if (link.isEmpty()) {
            scheduleReceipt(receipt, RECEIPT_AGAIN_MILLIS, attempts - 1);
            return;
        }
        receiptWindow.acquireUninterruptibly();
        try {
            link.get()
                    .deliverShortMessage(
                            "",
                            TypeOfNumber.INTERNATIONAL,
                            NumberingPlanIndicator.ISDN,
                            receipt.subscriber(),
                            TypeOfNumber.UNKNOWN,
                            NumberingPlanIndicator.UNKNOWN,
                            receipt.sender(),
                            new ESMClass(RECEIPT),
                            (byte) 0,
                            (byte) 0,
                            new RegisteredDelivery(),
                            DataCodings.newInstance(SmsText.LATIN_1),
                            receipt.text(clock.instant()).getBytes(StandardCharsets.US_ASCII),
                            new OptionalParameter.Receipted_message_id(receipt.id()),
                            new OptionalParameter.Message_state(receipt.state().tlv()));
        } catch (NegativeResponseException
                | PDUException
                | ResponseTimeoutException
                | InvalidResponseException
                | IOException again) {
            scheduleReceipt(receipt, RECEIPT_AGAIN_MILLIS, attempts - 1);
        } finally {
            receiptWindow.release();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** The parts of a message that are here, by their number. */
    private static final class Unfinished {

        private final TreeMap<Integer, byte[]> octets = new TreeMap<>();
        private final TreeMap<Integer, String> ids = new TreeMap<>();

        void put(int number, byte[] part, String id) {
            octets.put(number, part);
            ids.put(number, id);
        }

        int size() {
            return octets.size();
        }

        List<String> ids() {
            return List.copyOf(ids.values());
        }

        byte[] octets() {
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            octets.values().forEach(joined::writeBytes);
            return joined.toByteArray();
        }
    }

    /**
     * Leaves jsmpp's processor without an answer; the link stays up. An error, because jsmpp
     * answers every exception with ESME_RSYSERR.
     */
    private static final class ResponseDropped extends Error {

        ResponseDropped() {
            super("response dropped on request", null, false, false);
        }
    }

    /** jsmpp's own factory listens on every interface. */
    private record Loopback(ServerSocket socket) implements ServerConnectionFactory {

        @Override
        public ServerConnection listen(int port) {
            return new ServerSocketConnection(socket);
        }

        @Override
        public ServerConnection listen(int port, int timeout) {
            return listen(port);
        }

        @Override
        public ServerConnection listen(int port, int timeout, int backlog) {
            return listen(port);
        }
    }

    private final class Submissions implements ServerMessageReceiverListener {

        @Override
        public SubmitSmResult onAcceptSubmitSm(SubmitSm submit, SMPPServerSession link)
                throws ProcessRequestException {
            String id = accept(submit);
            try {
                return new SubmitSmResult(new MessageId(id), new OptionalParameter[0]);
            } catch (PDUException tooLong) {
                throw new ProcessRequestException(
                        "message id", SMPPConstant.STAT_ESME_RSYSERR, tooLong);
            }
        }

        @Override
        public SubmitMultiResult onAcceptSubmitMulti(SubmitMulti request, SMPPServerSession link)
                throws ProcessRequestException {
            throw unsupported();
        }

        @Override
        public QuerySmResult onAcceptQuerySm(QuerySm request, SMPPServerSession link)
                throws ProcessRequestException {
            throw unsupported();
        }

        @Override
        public void onAcceptReplaceSm(ReplaceSm request, SMPPServerSession link)
                throws ProcessRequestException {
            throw unsupported();
        }

        @Override
        public void onAcceptCancelSm(CancelSm request, SMPPServerSession link)
                throws ProcessRequestException {
            cancel(request);
        }

        @Override
        public BroadcastSmResult onAcceptBroadcastSm(BroadcastSm request, SMPPServerSession link)
                throws ProcessRequestException {
            throw unsupported();
        }

        @Override
        public void onAcceptCancelBroadcastSm(CancelBroadcastSm request, SMPPServerSession link)
                throws ProcessRequestException {
            throw unsupported();
        }

        @Override
        public QueryBroadcastSmResult onAcceptQueryBroadcastSm(
                QueryBroadcastSm request, SMPPServerSession link) throws ProcessRequestException {
            throw unsupported();
        }

        @Override
        public DataSmResult onAcceptDataSm(DataSm request, Session link)
                throws ProcessRequestException {
            throw unsupported();
        }

        private static ProcessRequestException unsupported() {
            return new ProcessRequestException(
                    "the simulator takes submit_sm and cancel_sm only",
                    SMPPConstant.STAT_ESME_RINVCMDID);
        }
    }
}
