package io.throughline.channel.sms.smpp;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jsmpp.DefaultPDUReader;
import org.jsmpp.PDUSender;
import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.SynchronizedPDUSender;
import org.jsmpp.bean.Bind;
import org.jsmpp.bean.CancelSm;
import org.jsmpp.bean.Command;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.util.DefaultDecomposer;
import org.jspecify.annotations.Nullable;

/**
 * A carrier that answers as a test says, also as none would: not at all, or by closing the line. It
 * speaks SMPP 3.4 over a real socket.
 */
final class ScriptedSmsc implements AutoCloseable {

    /** What happens to a submission. */
    sealed interface Reply {

        record Take(String id) implements Reply {}

        record Refuse(int status) implements Reply {}

        record Silence() implements Reply {}

        record Hangup() implements Reply {}

        record Later(Duration after, Reply then) implements Reply {}
    }

    /** What happens to a wish to have one back. */
    sealed interface Recall {

        /**
         * @param status 0 where it is given back
         */
        record Answer(int status) implements Recall {}

        /** As carriers do who know no such command. */
        record Nack(int status) implements Recall {}

        record Silence() implements Recall {}
    }

    static final String PASSWORD = "secret";

    private final ServerSocket server;
    private final PDUSender sender = new SynchronizedPDUSender();
    private final DefaultDecomposer decomposer = new DefaultDecomposer();
    private final AtomicInteger sequence = new AtomicInteger(1_000);
    private final AtomicInteger unanswered = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Integer>> delivering = new ConcurrentHashMap<>();

    final List<SubmitSm> submitted = new CopyOnWriteArrayList<>();
    final List<CancelSm> recalled = new CopyOnWriteArrayList<>();
    final List<String> submittedHex = new CopyOnWriteArrayList<>();
    final List<Socket> bound = new CopyOnWriteArrayList<>();
    final AtomicInteger bindAttempts = new AtomicInteger();
    final AtomicInteger enquiries = new AtomicInteger();
    final AtomicInteger unbinds = new AtomicInteger();
    final AtomicInteger mostUnanswered = new AtomicInteger();

    volatile Function<SubmitSm, Reply> script = pdu -> new Reply.Take("id-" + submitted.size());
    volatile Recall recall = new Recall.Answer(0);
    volatile boolean deaf;

    ScriptedSmsc() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Sends a {@code deliver_sm} over the latest bind; the future is the status of its answer. */
    CompletableFuture<Integer> deliver(DeliverSmBytes pdu) {
        int number = sequence.incrementAndGet();
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        delivering.put(number, answer);
        try {
            OutputStream out = bound.getLast().getOutputStream();
            synchronized (out) {
                out.write(pdu.compose(number));
            }
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    void hangUp() {
        bound.forEach(ScriptedSmsc::hangUp);
    }

    @Override
    public void close() throws IOException {
        server.close();
        hangUp();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        DefaultPDUReader reader = new DefaultPDUReader();
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                Command header = reader.readPDUHeader(in);
                byte[] pdu = reader.readPDU(in, header);
                if (!deaf) {
                    heard(socket, header, pdu);
                }
            }
        } catch (IOException | PDUStringException e) {
            bound.remove(socket);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void heard(Socket socket, Command header, byte[] pdu) throws Exception {
        OutputStream out = socket.getOutputStream();
        int number = header.getSequenceNumber();
        switch (header.getCommandId()) {
            case SMPPConstant.CID_BIND_TRANSCEIVER -> bind(socket, decomposer.bind(pdu));
            case SMPPConstant.CID_SUBMIT_SM -> {
                SubmitSm submit = decomposer.submitSm(pdu);
                mostUnanswered.accumulateAndGet(unanswered.incrementAndGet(), Math::max);
                submittedHex.add(HexFormat.of().formatHex(pdu));
                submitted.add(submit);
                reply(socket, number, script.apply(submit));
            }
            case SMPPConstant.CID_CANCEL_SM -> {
                recalled.add(decomposer.cancelSm(pdu));
                switch (recall) {
                    case Recall.Answer(int status) ->
                            sender.sendHeader(out, SMPPConstant.CID_CANCEL_SM_RESP, status, number);
                    case Recall.Nack(int status) -> sender.sendGenericNack(out, status, number);
                    case Recall.Silence() -> {}
                }
            }
            case SMPPConstant.CID_DELIVER_SM_RESP -> {
                CompletableFuture<Integer> waiting = delivering.remove(number);
                if (waiting != null) {
                    waiting.complete(header.getCommandStatus());
                }
            }
            case SMPPConstant.CID_ENQUIRE_LINK -> {
                enquiries.incrementAndGet();
                sender.sendEnquireLinkResp(out, number);
            }
            case SMPPConstant.CID_UNBIND -> {
                unbinds.incrementAndGet();
                sender.sendUnbindResp(out, 0, number);
            }
            default -> throw new IllegalStateException(header.toString());
        }
    }

    private void bind(Socket socket, Bind bind) throws IOException, PDUStringException {
        bindAttempts.incrementAndGet();
        OutputStream out = socket.getOutputStream();
        if (bind.getPassword().equals(PASSWORD)) {
            bound.add(socket);
            sender.sendBindResp(
                    out,
                    SMPPConstant.CID_BIND_TRANSCEIVER_RESP,
                    bind.getSequenceNumber(),
                    "smsc",
                    InterfaceVersion.IF_34);
        } else {
            sender.sendHeader(
                    out,
                    SMPPConstant.CID_BIND_TRANSCEIVER_RESP,
                    SMPPConstant.STAT_ESME_RINVPASWD,
                    bind.getSequenceNumber());
        }
    }

    private void reply(Socket socket, int number, Reply reply) throws IOException {
        OutputStream out = socket.getOutputStream();
        switch (reply) {
            case Reply.Take(String id) -> {
                unanswered.decrementAndGet();
                answer(out, number, 0, id);
            }
            case Reply.Refuse(int status) -> {
                unanswered.decrementAndGet();
                answer(out, number, status, null);
            }
            case Reply.Silence() -> unanswered.decrementAndGet();
            case Reply.Hangup() -> {
                unanswered.decrementAndGet();
                hangUp(socket);
            }
            case Reply.Later(Duration after, Reply then) ->
                    CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)
                            .execute(() -> replyIfOpen(socket, number, then));
        }
    }

    private void replyIfOpen(Socket socket, int number, Reply reply) {
        try {
            reply(socket, number, reply);
        } catch (IOException e) {
            bound.remove(socket);
        }
    }

    private void answer(OutputStream out, int number, int status, @Nullable String id)
            throws IOException {
        if (id == null) {
            sender.sendHeader(out, SMPPConstant.CID_SUBMIT_SM_RESP, status, number);
            return;
        }
        byte[] body = (id + "\0").getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer pdu = ByteBuffer.allocate(16 + body.length);
        pdu.putInt(16 + body.length)
                .putInt(SMPPConstant.CID_SUBMIT_SM_RESP)
                .putInt(status)
                .putInt(number)
                .put(body);
        synchronized (out) {
            out.write(pdu.array());
        }
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
