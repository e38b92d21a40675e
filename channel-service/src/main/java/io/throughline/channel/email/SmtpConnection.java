package io.throughline.channel.email;

import io.throughline.channel.route.Lease;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.URLName;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the mail server, for one mail at a time. Its methods wait, so they are called
 * on virtual threads only; {@link #abort} may be called from anywhere and ends the waiting.
 */
final class SmtpConnection {

    private static final int CONNECT_MILLIS = 5_000;

    /** A connection that was quiet for longer is asked whether it still stands. */
    private static final Duration TRUSTED = Duration.ofSeconds(2);

    private final SmtpServer server;
    private final Socket socket = new Socket();
    private final Conversation conversation;
    private Instant quietSince = Instant.EPOCH;

    /** The message was not completed since its lease was over. */
    static final class LeaseOver extends IOException {

        static final String WHY = "its lease was over, and it got no other";

        LeaseOver() {
            super(WHY);
        }
    }

    SmtpConnection(SmtpServer server) {
        this.server = server;
        this.conversation = new Conversation(server);
    }

    /**
     * Connects and introduces us.
     *
     * @return how it ended where it did; absent when the server will hear mails
     */
    @Nullable SmtpEnd open() {
        try {
            socket.connect(new InetSocketAddress(server.host(), server.port()), CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            conversation.connect(socket);
        } catch (IOException | MessagingException e) {
            abort();
            return conversation.end(e);
        }
        if (server.username() != null && !conversation.supportsExtension("AUTH")) {
            close();
            return new SmtpEnd(Step.LOGIN, SmtpEnd.SILENCE, "it offers no login");
        }
        return null;
    }

    /** Whether it can take another mail. */
    boolean stands(Instant now) {
        return quietSince.plus(TRUSTED).isAfter(now) || conversation.isConnected();
    }

    /**
     * Hands one mail over.
     *
     * @return how it ended where it was not taken; absent when it was
     * @throws LeaseOver where it was held back at the last line
     */
    @Nullable SmtpEnd send(MimeMessage mail, InternetAddress to, Lease lease) throws LeaseOver {
        try {
            conversation.sendMessage(mail, to, lease);
            return null;
        } catch (MessagingException e) {
            if (e.getNextException() instanceof LeaseOver over) {
                throw over;
            }
            return conversation.end(e);
        }
    }

    void quiet(Instant since) {
        quietSince = since;
    }

    Instant quietSince() {
        return quietSince;
    }

    /** Takes leave of the server. */
    void close() {
        try {
            conversation.close();
        } catch (MessagingException e) {
            abort();
        }
    }

    /** Ends whatever is under way. */
    void abort() {
        try {
            // The plain one below whatever encrypts: closing that would wait for its turn to write.
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket cannot be closed", e);
        }
    }

    /** Knows how far it has come, and looks at the lease before the last line. */
    private static final class Conversation extends SMTPTransport {

        private final SmtpServer server;
        private Step at = Step.CONNECT;
        private @Nullable SmtpEnd refusal;
        private @Nullable Lease lease;

        Conversation(SmtpServer server) {
            super(
                    server.session(),
                    new URLName(
                            "smtp",
                            server.host(),
                            server.port(),
                            null,
                            server.username(),
                            server.username() == null ? null : server.password()));
            this.server = server;
        }

        synchronized void sendMessage(MimeMessage mail, InternetAddress to, Lease until)
                throws MessagingException {
            lease = until;
            sendMessage(mail, new Address[] {to});
        }

        /** How it ended, from what the server said last or, if nothing, from what happened. */
        SmtpEnd end(Exception failure) {
            if (refusal != null) {
                return refusal;
            }
            return new SmtpEnd(
                    where(failure), SmtpEnd.SILENCE, String.valueOf(failure.getMessage()));
        }

        private Step where(Exception failure) {
            if (failure instanceof AuthenticationFailedException) {
                return Step.LOGIN;
            }
            boolean missing =
                    at == Step.GREETING
                            && server.startTls() == SmtpServer.StartTls.REQUIRED
                            && !(failure.getCause() instanceof IOException)
                            && !supportsExtension("STARTTLS");
            return missing ? Step.STARTTLS : at;
        }

        private void reached(Step step) {
            at = step;
            refusal = null;
        }

        @Override
        protected int readServerResponse() throws MessagingException {
            int code = super.readServerResponse();
            if (code >= 400 && refusal == null) {
                refusal = new SmtpEnd(at, code, lastLine(getLastServerResponse()));
            }
            return code;
        }

        private static String lastLine(String reply) {
            return reply.strip().lines().reduce("", (before, line) -> line);
        }

        @Override
        public synchronized void connect(Socket socket) throws MessagingException {
            reached(Step.GREETING);
            super.connect(socket);
        }

        @Override
        protected void helo(String domain) throws MessagingException {
            reached(Step.GREETING);
            super.helo(domain);
        }

        @Override
        protected boolean ehlo(String domain) throws MessagingException {
            reached(Step.GREETING);
            boolean understood = super.ehlo(domain);
            if (understood && server.username() != null) {
                reached(Step.LOGIN);
            }
            return understood;
        }

        @Override
        protected void startTLS() throws MessagingException {
            reached(Step.STARTTLS);
            super.startTLS();
        }

        @Override
        protected void mailFrom() throws MessagingException {
            reached(Step.SENDER);
            super.mailFrom();
        }

        @Override
        protected void rcptTo() throws MessagingException {
            reached(Step.RECIPIENT);
            super.rcptTo();
            reached(Step.DATA);
        }

        /** An exception here drops the connection, and with it the mail. */
        @Override
        protected void finishData() throws IOException, MessagingException {
            if (!holds()) {
                throw new LeaseOver();
            }
            reached(Step.END);
            super.finishData();
        }

        private boolean holds() {
            try {
                return lease != null && lease.holds().await().atMost(server.timeout());
            } catch (RuntimeException e) {
                return false;
            }
        }
    }
}
