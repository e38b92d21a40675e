package io.throughline.local.simulators;

import java.time.Instant;
import java.util.List;

/**
 * A text message as the subscriber would read it, its parts joined.
 *
 * @param messageIds what the simulator answered, one a part, in the order of the parts
 * @param dataCoding as submitted: 0 the GSM alphabet, 8 UCS2
 * @param receivedAt when its last part came
 */
public record Sms(
        List<String> messageIds,
        String from,
        String to,
        String text,
        int dataCoding,
        Instant receivedAt) {

    public Sms {
        messageIds = List.copyOf(messageIds);
    }
}
