package io.throughline.channel.sms.smpp;

import io.throughline.channel.sms.Concatenation;
import io.throughline.channel.sms.ReceiptText;
import io.throughline.channel.sms.ReceiptText.Parameters;
import io.throughline.channel.sms.SmsEncoding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.OptionalParameter.Tag;
import org.jspecify.annotations.Nullable;

/** Reads what a {@code deliver_sm} carries. */
record DeliverSmReader(DeliverSm pdu) {

    /** Final and intermediate ones. */
    boolean isReceipt() {
        return pdu.isSmscDeliveryReceipt() || pdu.isIntermediateDeliveryNotification();
    }

    Optional<ReceiptText> receipt() {
        byte[] id = value(Tag.RECEIPTED_MESSAGE_ID);
        Parameters parameters =
                new Parameters(
                        id == null ? null : untilZero(id),
                        number(value(Tag.MESSAGE_STATE)),
                        networkError(value(Tag.NETWORK_ERROR_CODE)));
        return ReceiptText.read(parameters, text());
    }

    /** From the user data header, or from the parameters that some carriers write instead. */
    @Nullable Concatenation place() {
        return pdu.isUdhi()
                ? Concatenation.in(userData())
                : Concatenation.ofParameters(
                        number(value(Tag.SAR_MSG_REF_NUM)),
                        number(value(Tag.SAR_TOTAL_SEGMENTS)),
                        number(value(Tag.SAR_SEGMENT_SEQNUM)));
    }

    String text() {
        byte[] octets = pdu.isUdhi() ? Concatenation.textIn(userData()) : userData();
        return SmsEncoding.decode(octets, pdu.getDataCoding());
    }

    private byte[] userData() {
        byte[] inside = pdu.getShortMessage();
        byte[] beside = value(Tag.MESSAGE_PAYLOAD);
        if (inside != null && inside.length > 0) {
            return inside;
        }
        return beside == null ? new byte[0] : beside;
    }

    /** The octets of an optional parameter, whatever jsmpp makes of their type. */
    private byte @Nullable [] value(Tag tag) {
        OptionalParameter parameter = pdu.getOptionalParameter(tag.code());
        if (parameter == null) {
            return null;
        }
        byte[] whole = parameter.serialize();
        return Arrays.copyOfRange(whole, 4, whole.length);
    }

    private static @Nullable Integer number(byte @Nullable [] octets) {
        if (octets == null || octets.length == 0) {
            return null;
        }
        int number = 0;
        for (byte octet : octets) {
            number = number << 8 | (octet & 0xFF);
        }
        return number;
    }

    /** The first octet names the kind of network. */
    private static @Nullable Integer networkError(byte @Nullable [] octets) {
        return octets == null || octets.length != 3
                ? null
                : number(Arrays.copyOfRange(octets, 1, 3));
    }

    /** A string with or without the zero octet that should end it. */
    private static String untilZero(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1).replaceFirst("\0.*$", "");
    }
}
