package io.throughline.channel.email;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/**
 * When the mail server is left alone. What somebody has to put right is tried more and more rarely,
 * and told each time with what to do about it.
 */
final class Rest {

    private static final Logger LOG = Logger.getLogger(Rest.class);
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final InstantSource clock;
    private Instant until = Instant.EPOCH;
    private int refusals;

    Rest(InstantSource clock) {
        this.clock = clock;
    }

    synchronized boolean isOver() {
        return !clock.instant().isBefore(until);
    }

    /** The server took a mail. */
    synchronized void end() {
        refusals = 0;
    }

    synchronized void after(SmtpEnd end) {
        if (!isOver()) {
            // Another mail, under way at the same time, was told the same.
            return;
        }
        Duration pause = end.rest();
        if (end.needsSomebody()) {
            pause = FIRST.multipliedBy(1L << Math.min(refusals++, 10));
            pause = pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
            LOG.warnf(
                    "The mail server refuses us (%s: %s); mails wait, tried again in %s. %s",
                    end.at(), end.code() + " " + end.line(), pause, end.at().advice());
        }
        until = clock.instant().plus(pause);
    }
}
