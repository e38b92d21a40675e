package io.throughline.channel.sms.smpp;

import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jsmpp.DefaultPDUSender;
import org.jsmpp.SynchronizedPDUSender;

/**
 * Answers a {@code deliver_sm} when what it said is stored. jsmpp answers when its listener
 * returns, from one of a few threads that also read the answers to our own submissions; a listener
 * that waited there would make those late, and late answers are unknown messages. So the listener
 * leaves here a promise of the status, returns at once, and the answer that jsmpp then wants to
 * send is sent when the promise is kept.
 */
final class LaterAnswers extends SynchronizedPDUSender {

    private static final Logger LOG = Logger.getLogger(LaterAnswers.class);

    private final Map<Integer, Uni<Integer>> promised = new ConcurrentHashMap<>();
    private final Executor threads;

    /**
     * @param threads that may wait: an answer is written to a socket
     */
    LaterAnswers(Executor threads) {
        super(new DefaultPDUSender());
        this.threads = threads;
    }

    /**
     * @param status the {@code command_status} to answer with; must not fail
     */
    void promise(int sequence, Uni<Integer> status) {
        promised.put(sequence, status);
    }

    @Override
    public byte[] sendDeliverSmResp(
            OutputStream out, int commandStatus, int sequence, String messageId)
            throws IOException {
        Uni<Integer> status = promised.remove(sequence);
        if (status == null) {
            return super.sendDeliverSmResp(out, commandStatus, sequence, messageId);
        }
        status.emitOn(threads)
                .subscribe()
                .with(
                        kept -> answer(out, kept, sequence),
                        e -> LOG.error("A deliver_sm goes unanswered", e));
        return new byte[0];
    }

    /** Where it fails the link is gone, and the carrier tells again over the next one. */
    private void answer(OutputStream out, int status, int sequence) {
        try {
            super.sendDeliverSmResp(out, status, sequence, "");
        } catch (IOException e) {
            LOG.debugf("An answer to a deliver_sm found the link closed: %s", e.getMessage());
        }
    }
}
