package io.throughline.local.simulators;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Set;

/**
 * How the SMTP sink treats recipients.
 *
 * @param refuse addresses answered with 550, mailbox unavailable
 * @param tempfail addresses answered with 451, try again later
 * @param latencyMillis before the answer to a recipient
 */
public record MailBehaviour(
        @JsonProperty("refuse") Set<String> refuse,
        @JsonProperty("tempfail") Set<String> tempfail,
        @JsonProperty("latencyMillis") long latencyMillis) {

    public static final MailBehaviour OBLIGING = new MailBehaviour(Set.of(), Set.of(), 0);

    public MailBehaviour {
        refuse = Set.copyOf(refuse);
        tempfail = Set.copyOf(tempfail);
        if (latencyMillis < 0) {
            throw new IllegalArgumentException("a delay cannot be negative");
        }
    }
}
