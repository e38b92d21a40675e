package io.throughline.channel.sms;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which part of which text a message is (3GPP TS 23.040, 9.2.3.24.1).
 *
 * @param reference the sender's number for the text, 0–255, or to 65535 where the sender counts in
 *     16 bits
 * @param total how many parts there are, from 1
 * @param sequence this part's place, from 1
 */
public record Concatenation(int reference, int total, int sequence) {

    private static final int REFERENCE_8_BIT = 0x00;
    private static final int REFERENCE_16_BIT = 0x08;

    public Concatenation {
        if (total < 1 || sequence < 1 || sequence > total) {
            throw new IllegalArgumentException("part " + sequence + " of " + total);
        }
    }

    /** A user data header with an 8-bit reference, then the text. */
    byte[] before(byte[] text) {
        byte[] whole = new byte[6 + text.length];
        whole[0] = 5;
        whole[1] = REFERENCE_8_BIT;
        whole[2] = 3;
        whole[3] = (byte) reference;
        whole[4] = (byte) total;
        whole[5] = (byte) sequence;
        System.arraycopy(text, 0, whole, 6, text.length);
        return whole;
    }

    /**
     * The place that an inbound message's header tells; absent where the message is whole, or the
     * header tells what cannot be.
     */
    public static @Nullable Concatenation in(byte[] userData) {
        int header = headerLength(userData);
        return header == 0 ? null : placeIn(Arrays.copyOfRange(userData, 1, header));
    }

    /** What stands behind the header. */
    public static byte[] textIn(byte[] userData) {
        return Arrays.copyOfRange(userData, headerLength(userData), userData.length);
    }

    /** With its own first octet; a header that claims to be longer than the message is none. */
    private static int headerLength(byte[] userData) {
        int length = userData.length == 0 ? 0 : 1 + (userData[0] & 0xFF);
        return length > userData.length ? 0 : length;
    }

    /**
     * A place from optional parameters {@code sar_msg_ref_num}, {@code sar_total_segments} and
     * {@code sar_segment_seqnum}, where all are there and fit.
     */
    public static @Nullable Concatenation ofParameters(
            @Nullable Integer reference, @Nullable Integer total, @Nullable Integer sequence) {
        return reference == null || total == null || sequence == null
                ? null
                : place(reference, total, sequence);
    }

    private static @Nullable Concatenation placeIn(byte[] elements) {
        int at = 0;
        while (at + 2 <= elements.length) {
            int length = elements[at + 1] & 0xFF;
            if (at + 2 + length > elements.length) {
                return null;
            }
            int[] value = octets(elements, at + 2, length);
            if (elements[at] == REFERENCE_8_BIT && length == 3) {
                return place(value[0], value[1], value[2]);
            }
            if (elements[at] == REFERENCE_16_BIT && length == 4) {
                return place(value[0] << 8 | value[1], value[2], value[3]);
            }
            at += 2 + length;
        }
        return null;
    }

    private static int[] octets(byte[] from, int offset, int length) {
        int[] octets = new int[length];
        for (int i = 0; i < length; i++) {
            octets[i] = from[offset + i] & 0xFF;
        }
        return octets;
    }

    private static @Nullable Concatenation place(int reference, int total, int sequence) {
        return sequence < 1 || sequence > total
                ? null
                : new Concatenation(reference, total, sequence);
    }
}
