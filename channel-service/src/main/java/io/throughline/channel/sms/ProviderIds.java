package io.throughline.channel.sms;

import java.math.BigInteger;
import java.util.Locale;

/**
 * How a carrier writes one message's id in its answers and in its receipts. Some write a number in
 * decimal in the one and in hexadecimal in the other, or with zeros before it. Ids are kept in one
 * form, so that a receipt is found by equality.
 */
public enum ProviderIds {
    AS_IS,
    /** Zeros before the id mean nothing. */
    STRIP_ZEROS,
    /** Answers are decimal, receipts hexadecimal. Kept in decimal. */
    RECEIPT_HEX_TO_DECIMAL,
    /** Answers are hexadecimal, receipts decimal. Kept in hexadecimal, in lower case. */
    RECEIPT_DECIMAL_TO_HEX;

    public String ofAnswer(String id) {
        return switch (this) {
            case AS_IS -> id;
            case STRIP_ZEROS, RECEIPT_HEX_TO_DECIMAL -> stripped(id);
            case RECEIPT_DECIMAL_TO_HEX -> stripped(id.toLowerCase(Locale.ROOT));
        };
    }

    public String ofReceipt(String id) {
        return switch (this) {
            case AS_IS -> id;
            case STRIP_ZEROS -> stripped(id);
            case RECEIPT_HEX_TO_DECIMAL -> written(id, 16, 10);
            case RECEIPT_DECIMAL_TO_HEX -> written(id, 10, 16);
        };
    }

    private static String stripped(String id) {
        return id.replaceFirst("^0+(?=.)", "");
    }

    /** An id that is no number in that base is nothing we could turn, and stays. */
    private static String written(String id, int from, int to) {
        return id.matches(from == 16 ? "[0-9a-fA-F]+" : "[0-9]+")
                ? new BigInteger(id, from).toString(to)
                : id;
    }
}
