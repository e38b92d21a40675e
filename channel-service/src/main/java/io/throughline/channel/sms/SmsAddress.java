package io.throughline.channel.sms;

import org.jspecify.annotations.Nullable;

/**
 * An address as SMPP writes it.
 *
 * @param ton type of number (SMPP 3.4, 5.2.5)
 * @param npi numbering plan (5.2.6)
 * @param value without {@code +}, at most 20 characters
 */
public record SmsAddress(byte ton, byte npi, String value) {

    private static final int INTERNATIONAL = 1;
    private static final int NATIONAL = 2;
    private static final int NETWORK_SPECIFIC = 3;
    private static final int ALPHANUMERIC = 5;
    private static final int ABBREVIATED = 6;
    private static final int ISDN = 1;

    /** Numbers up to here are short codes; the shortest international ones are longer. */
    private static final int LONGEST_SHORT_CODE = 6;

    /**
     * Whom a message goes to.
     *
     * @throws IllegalArgumentException where it is no E.164 number with {@code +}
     */
    public static SmsAddress destination(String e164) {
        if (!e164.matches("\\+[1-9][0-9]{5,14}")) {
            throw new IllegalArgumentException("not an E.164 number with +");
        }
        return of(INTERNATIONAL, ISDN, e164.substring(1));
    }

    /**
     * Whom a message comes from: an international number, whose {@code +} may be left out, a short
     * code of three to eight digits, or a name of at most eleven characters with a letter in it.
     *
     * @throws IllegalArgumentException saying these forms
     */
    public static SmsAddress source(String text) {
        if (text.matches("\\+[1-9][0-9]{5,14}|[1-9][0-9]{8,14}")) {
            return of(INTERNATIONAL, ISDN, text.replace("+", ""));
        }
        if (text.matches("[0-9]{3,8}")) {
            return of(NETWORK_SPECIFIC, 0, text);
        }
        if (text.matches("[A-Za-z0-9 &.'!+-]{1,11}") && text.matches(".*[A-Za-z].*")) {
            return of(ALPHANUMERIC, 0, text);
        }
        throw new IllegalArgumentException(
                "'"
                        + text
                        + "' is none of: an international number, a short code of 3 to 8 digits,"
                        + " a name of at most 11 letters, digits, spaces and & . ' ! + -");
    }

    /** The same address in the form a carrier insists on; customs differ for short codes. */
    public SmsAddress as(@Nullable Integer otherTon, @Nullable Integer otherNpi) {
        return new SmsAddress(
                otherTon == null ? ton : otherTon.byteValue(),
                otherNpi == null ? npi : otherNpi.byteValue(),
                value);
    }

    /**
     * An inbound address as the rest of the system writes it: E.164 with {@code +} for a number,
     * and unchanged for a short code or a name. Carriers leave the {@code +} out, and some say
     * nothing or something wrong of the type; what is too long for a short code is taken as
     * international, and what is short enough is one.
     *
     * @param countryCode for national numbers, without {@code +}; where absent they stay as they
     *     are
     */
    public static String heard(byte ton, String value, @Nullable String countryCode) {
        String digits = value.replaceFirst("^(\\+|00)", "");
        if (ton == ALPHANUMERIC || !digits.matches("[0-9]+")) {
            return value;
        }
        if (!digits.equals(value)) {
            return "+" + digits;
        }
        if (digits.length() <= LONGEST_SHORT_CODE
                || ton == NETWORK_SPECIFIC
                || ton == ABBREVIATED) {
            return value;
        }
        if (ton == NATIONAL) {
            return countryCode == null ? value : "+" + countryCode + digits.replaceFirst("^0", "");
        }
        return "+" + digits;
    }

    private static SmsAddress of(int ton, int npi, String value) {
        return new SmsAddress((byte) ton, (byte) npi, value);
    }
}
