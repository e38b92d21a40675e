package io.throughline.local.simulators;

import java.util.Arrays;

/** A message's final state, as the receipt's text names it and as its TLV counts it. */
enum ReceiptState {
    ENROUTE(1),
    DELIVRD(2),
    EXPIRED(3),
    DELETED(4),
    UNDELIV(5),
    ACCEPTD(6),
    UNKNOWN(7),
    REJECTD(8);

    /** The value of the TLV {@code message_state} (SMPP 3.4, 5.2.28). */
    private final byte tlv;

    ReceiptState(int tlv) {
        this.tlv = (byte) tlv;
    }

    byte tlv() {
        return tlv;
    }

    static ReceiptState named(String name) {
        return Arrays.stream(values())
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "receiptState is one of %s, not %s"
                                        .formatted(Arrays.toString(values()), name)));
    }
}
