package io.throughline.channel.sms;

import java.nio.charset.StandardCharsets;

/** The two alphabets a text goes out in. A unit is a septet in the one, two octets in the other. */
public enum SmsEncoding {
    /** Unpacked, as most carriers mean {@code data_coding} 0. */
    GSM7(0x00, 160, 153),
    /** UTF-16, big-endian, since handsets read surrogate pairs. */
    UCS2(0x08, 70, 67);

    private final byte dataCoding;
    private final int unitsAlone;
    private final int unitsInPart;

    SmsEncoding(int dataCoding, int unitsAlone, int unitsInPart) {
        this.dataCoding = (byte) dataCoding;
        this.unitsAlone = unitsAlone;
        this.unitsInPart = unitsInPart;
    }

    /** GSM 7-bit if it has every character of the text. One that it has not changes all of it. */
    public static SmsEncoding of(String text) {
        return text.chars().allMatch(c -> Gsm0338.septets((char) c) > 0) ? GSM7 : UCS2;
    }

    public byte dataCoding() {
        return dataCoding;
    }

    /** Units that fit where the text is one part. */
    public int unitsAlone() {
        return unitsAlone;
    }

    /** Units that fit beside a header with an 8-bit reference. */
    public int unitsInPart() {
        return unitsInPart;
    }

    public int units(String text) {
        return switch (this) {
            case GSM7 -> text.chars().map(c -> Gsm0338.septets((char) c)).sum();
            case UCS2 -> text.length();
        };
    }

    /**
     * @throws IllegalArgumentException where the alphabet has not every character of the text
     */
    public byte[] encode(String text) {
        return switch (this) {
            case GSM7 -> Gsm0338.encode(text);
            case UCS2 -> text.getBytes(StandardCharsets.UTF_16BE);
        };
    }

    /**
     * Reads an inbound text. Codings are those of SMPP 3.4, 5.2.19, and the message classes of 3GPP
     * TS 23.038; one that says nothing of characters (8-bit, reserved) reads as Latin-1, which
     * keeps every octet.
     */
    public static String decode(byte[] octets, byte dataCoding) {
        int coding = dataCoding & 0xFF;
        if (coding >= 0xF0) {
            return (coding & 0x04) == 0
                    ? Gsm0338.decode(octets)
                    : new String(octets, StandardCharsets.ISO_8859_1);
        }
        return switch (coding) {
            case 0 -> Gsm0338.decode(octets);
            case 1 -> new String(octets, StandardCharsets.US_ASCII);
            case 8 -> new String(octets, StandardCharsets.UTF_16BE);
            default -> new String(octets, StandardCharsets.ISO_8859_1);
        };
    }
}
