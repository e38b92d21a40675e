package io.throughline.channel.sms;

import io.throughline.channel.route.Receipt.Status;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a carrier says became of a message, by the number in {@code message_state} (SMPP 3.4,
 * 5.2.28; 0 and 9 are of 5.0) and by the word in a receipt's text. The numbers are not those of
 * jsmpp's enum, and not the order here either.
 */
public enum ReceiptState {
    SCHEDULED(0, Status.ENROUTE, "SCHEDULED"),
    ENROUTE(1, Status.ENROUTE, "ENROUTE"),
    DELIVERED(2, Status.DELIVERED, "DELIVRD"),
    EXPIRED(3, Status.FAILED, "EXPIRED"),
    DELETED(4, Status.FAILED, "DELETED"),
    UNDELIVERABLE(5, Status.FAILED, "UNDELIV"),
    /** Taken over by somebody for the customer; some carriers say nothing after it. */
    ACCEPTED(6, Status.ENROUTE, "ACCEPTD"),
    UNKNOWN(7, Status.UNKNOWN, "UNKNOWN"),
    REJECTED(8, Status.FAILED, "REJECTD"),
    SKIPPED(9, Status.FAILED, "SKIPPED");

    private final int number;
    private final Status status;
    private final String word;

    ReceiptState(int number, Status status, String word) {
        this.number = number;
        this.status = status;
        this.word = word;
    }

    public Status status() {
        return status;
    }

    /** The customary word, as in {@code DELIVRD}. */
    public String word() {
        return word;
    }

    public static Optional<ReceiptState> ofNumber(int number) {
        return Arrays.stream(values()).filter(s -> s.number == number).findFirst();
    }

    /** By the customary word of seven letters, or by the whole one, which some carriers write. */
    public static Optional<ReceiptState> ofWord(String word) {
        String upper = word.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(s -> upper.equals(s.word) || upper.equals(s.name()))
                .findFirst();
    }
}
