package io.throughline.local.simulators;

import io.throughline.local.infrastructure.StartFailure;
import jakarta.mail.Header;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.subethamail.smtp.MessageContext;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;

/** An SMTP server on loopback that takes every mail, shows it and passes none on. */
public final class MailSink implements AutoCloseable {

    private static final int REMEMBERED = 20_000;

    private final SMTPServer server;
    private final InstantSource clock;
    private final Received<Mail> received = new Received<>(REMEMBERED);
    private volatile MailBehaviour behaviour = MailBehaviour.OBLIGING;

    private MailSink(int port, InstantSource clock) {
        this.clock = clock;
        this.server =
                SMTPServer.port(port)
                        .bindAddress(InetAddress.getLoopbackAddress())
                        .hostName("localhost")
                        .softwareName("Throughline SMTP sink")
                        .maxConnections(200)
                        .messageHandlerFactory(Delivery::new)
                        .build();
    }

    /**
     * @param port 0 for one that is free
     */
    public static MailSink start(int port, InstantSource clock) {
        MailSink sink = new MailSink(port, clock);
        try {
            sink.server.start();
        } catch (RuntimeException refused) {
            throw new StartFailure(
                    "The SMTP sink did not start on port %d: %s."
                            .formatted(port, refused.getMessage()),
                    refused);
        }
        return sink;
    }

    public int port() {
        return server.getPortAllocated();
    }

    public void behave(MailBehaviour wanted) {
        behaviour = wanted;
    }

    public MailBehaviour behaviour() {
        return behaviour;
    }

    Received<Mail> received() {
        return received;
    }

    @Override
    public void close() {
        server.stop();
    }

    /** One mail's dialogue. */
    private final class Delivery implements MessageHandler {

        private final List<String> recipients = new ArrayList<>();
        private String sender = "";

        Delivery(MessageContext context) {}

        @Override
        public void from(String from) {
            sender = from;
        }

        @Override
        public void recipient(String recipient) throws RejectException {
            MailBehaviour now = behaviour;
            pause(now.latencyMillis());
            String address = recipient.toLowerCase(Locale.ROOT);
            if (now.refuse().contains(address)) {
                throw new RejectException(550, "5.1.1 <" + recipient + "> mailbox unavailable");
            }
            if (now.tempfail().contains(address)) {
                throw new RejectException(451, "4.3.0 <" + recipient + "> try again later");
            }
            recipients.add(recipient);
        }

        @Override
        public String data(InputStream data) throws RejectException, IOException {
            try {
                MimeMessage message =
                        new MimeMessage(
                                Session.getInstance(new Properties()),
                                new ByteArrayInputStream(data.readAllBytes()));
                recipients.forEach(recipient -> received.add(parsed(message, recipient)));
                return "queued as " + message.getMessageID();
            } catch (MessagingException malformed) {
                throw new RejectException(554, "5.6.0 " + malformed.getMessage());
            }
        }

        @Override
        public void done() {}

        private Mail parsed(MimeMessage message, String recipient) {
            try {
                StringBuilder text = new StringBuilder();
                StringBuilder html = new StringBuilder();
                collect(message, text, html);
                String subject = message.getSubject();
                return new Mail(
                        sender,
                        recipient,
                        subject == null ? "" : subject,
                        headers(message),
                        text.toString(),
                        html.toString(),
                        clock.instant());
            } catch (MessagingException | IOException malformed) {
                throw new IllegalArgumentException(malformed);
            }
        }
    }

    private static Map<String, List<String>> headers(MimeMessage message)
            throws MessagingException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (Header header : Collections.list(message.getAllHeaders())) {
            headers.computeIfAbsent(header.getName(), name -> new ArrayList<>())
                    .add(header.getValue());
        }
        return headers;
    }

    private static void collect(Part part, StringBuilder text, StringBuilder html)
            throws MessagingException, IOException {
        Object content = part.getContent();
        if (content instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                collect(parts.getBodyPart(i), text, html);
            }
        } else if (part.isMimeType("text/html")) {
            html.append(content);
        } else if (part.isMimeType("text/*")) {
            text.append(content);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
