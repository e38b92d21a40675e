package io.throughline.channel.email;

import io.throughline.channel.route.HandOver;
import io.vertx.ext.mail.SMTPException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an SMTP server's answer, or its silence, says of a message (RFC 5321, section 4.2). */
final class SmtpReply {

    static final String AWAY = "the mail server cannot be reached";

    private static final Duration BUSY = Duration.ofSeconds(10);

    private SmtpReply() {}

    /**
     * A reply of the server is certain; so is a connection that never was. Anything else may have
     * happened after the last line of the message, and is therefore unknown.
     */
    static HandOver of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SMTPException refused) {
                return of(refused.getReplyCode(), refused.getReplyMessages());
            }
            if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
                return new HandOver.NotTaken(AWAY + ": " + cause.getMessage());
            }
        }
        return new HandOver.Unknown("no answer from the mail server: " + failure.getMessage());
    }

    static HandOver of(int code, @Nullable List<String> lines) {
        String last = lines == null || lines.isEmpty() ? Integer.toString(code) : lines.getLast();
        if (code == 421) {
            return new HandOver.Throttled(BUSY);
        }
        return code >= 500
                ? new HandOver.Refused(codeOf(code, last), last)
                : new HandOver.NotTaken(last);
    }

    /** With the enhanced status (RFC 3463) where there is one, as in {@code 550 5.1.1}. */
    private static String codeOf(int code, String line) {
        String[] words = line.split("[ -]", 3);
        return words.length > 1 && words[1].matches("[245]\\.\\d{1,3}\\.\\d{1,3}")
                ? code + " " + words[1]
                : Integer.toString(code);
    }
}
