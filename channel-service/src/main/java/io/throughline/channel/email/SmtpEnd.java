package io.throughline.channel.email;

import io.throughline.channel.route.HandOver;
import java.time.Duration;
import java.util.List;

/**
 * How an SMTP conversation ended before the mail was taken, and what follows from it (RFC 5321,
 * section 4.2). Only what is said of the recipient or of the mail ends a message; what the server
 * has against us, our password or our address as sender is put right by somebody, and the mails
 * wait.
 *
 * @param at how far it had come
 * @param code the server's reply; 0 where it gave none
 * @param line the last of the reply's, or what happened instead
 */
record SmtpEnd(Step at, int code, String line) {

    static final int SILENCE = 0;

    private static final int CLOSING = 421;
    private static final Duration BUSY = Duration.ofSeconds(10);
    private static final Duration AWAY = Duration.ofSeconds(2);

    /**
     * What became of the mail.
     *
     * @param id the mail's Message-ID
     */
    HandOver outcome(String id) {
        if (code == SILENCE) {
            return at == Step.END
                    ? new HandOver.Unknown(
                            "no answer from the mail server: " + line, List.of(id), 0, 0)
                    : new HandOver.NotTaken("the mail server could not be spoken to: " + line);
        }
        if (code == CLOSING) {
            return new HandOver.Throttled(BUSY);
        }
        return at.aboutTheMail() && code >= 500
                ? new HandOver.Refused(codeOf(code, line), line)
                : new HandOver.NotTaken(line);
    }

    /** How long no other mail need be tried; zero where it was about this one only. */
    Duration rest() {
        if (code == CLOSING) {
            return BUSY;
        }
        if (at.aboutTheMail()) {
            return Duration.ZERO;
        }
        return code == SILENCE ? AWAY : BUSY;
    }

    /** Whether it stays so until somebody does something about it. */
    boolean needsSomebody() {
        return !at.aboutTheMail()
                && (code >= 500 || (code == SILENCE && (at == Step.STARTTLS || at == Step.LOGIN)));
    }

    /**
     * Whether a connection that was at rest turned out to be closed: the server was told nothing of
     * the mail yet.
     */
    boolean beforeAnything() {
        return at.compareTo(Step.RECIPIENT) < 0 && (code == SILENCE || code == CLOSING);
    }

    /** Whether another mail can go over the same connection. */
    boolean leavesTheConnection() {
        return at.aboutTheMail() && code != SILENCE && code != CLOSING;
    }

    /** With the enhanced status (RFC 3463) where there is one, as in {@code 550 5.1.1}. */
    private static String codeOf(int code, String line) {
        String[] words = line.split("[ -]", 3);
        return words.length > 1 && words[1].matches("[245]\\.\\d{1,3}\\.\\d{1,3}")
                ? code + " " + words[1]
                : Integer.toString(code);
    }
}
