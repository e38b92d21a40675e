package io.throughline.local.simulators;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * How the SMSC simulator treats what comes.
 *
 * @param latencyMillis before each {@code submit_sm_resp}
 * @param throttle answer every submit with ESME_RTHROTTLED (0x58)
 * @param refuse command status by number, for example 11 (ESME_RINVDSTADR)
 * @param dropResponses take the message and never answer
 * @param refuseBinds answer every bind with ESME_RBINDFAIL (0x0D)
 * @param receipts whether delivery receipts that were asked for are sent
 * @param receiptDelayMillis from the response to the receipt
 * @param receiptState the text form's {@code stat}: DELIVRD, UNDELIV, EXPIRED, REJECTD, …
 */
public record SmsBehaviour(
        @JsonProperty("latencyMillis") long latencyMillis,
        @JsonProperty("throttle") boolean throttle,
        @JsonProperty("refuse") Map<String, Integer> refuse,
        @JsonProperty("dropResponses") boolean dropResponses,
        @JsonProperty("refuseBinds") boolean refuseBinds,
        @JsonProperty("receipts") boolean receipts,
        @JsonProperty("receiptDelayMillis") long receiptDelayMillis,
        @JsonProperty("receiptState") String receiptState) {

    public static final SmsBehaviour OBLIGING =
            new SmsBehaviour(0, false, Map.of(), false, false, true, 200, "DELIVRD");

    public SmsBehaviour {
        refuse = Map.copyOf(refuse);
        if (latencyMillis < 0 || receiptDelayMillis < 0) {
            throw new IllegalArgumentException("a delay cannot be negative");
        }
        ReceiptState.named(receiptState);
    }
}
