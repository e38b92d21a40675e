package io.throughline.channel.sms.smpp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jsmpp.PDUStringException;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.util.DefaultComposer;

/** A {@code deliver_sm} as a carrier would send it. */
record DeliverSmBytes(
        int ton,
        String from,
        int esmClass,
        int dataCoding,
        Octets userData,
        List<OptionalParameter> parameters) {

    /** Bytes that stay as they are. */
    record Octets(String latin1) {

        static Octets of(byte[] bytes) {
            return new Octets(new String(bytes, StandardCharsets.ISO_8859_1));
        }

        byte[] bytes() {
            return latin1.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** From a mobile, whole, in plain GSM letters; the carrier leaves the plus out. */
    static DeliverSmBytes text(String from, String text) {
        return new DeliverSmBytes(1, from, 0, 0, new Octets(text), List.of());
    }

    static DeliverSmBytes part(String from, byte[] userData) {
        return new DeliverSmBytes(1, from, 0x40, 0, Octets.of(userData), List.of());
    }

    static DeliverSmBytes receipt(String text, OptionalParameter... parameters) {
        return new DeliverSmBytes(1, "34600111222", 0x04, 0, new Octets(text), List.of(parameters));
    }

    byte[] compose(int sequence) {
        try {
            return new DefaultComposer()
                    .deliverSm(
                            sequence,
                            "",
                            (byte) ton,
                            (byte) 1,
                            from,
                            (byte) 3,
                            (byte) 0,
                            "12345",
                            (byte) esmClass,
                            (byte) 0,
                            (byte) 0,
                            (byte) 0,
                            (byte) dataCoding,
                            userData.bytes(),
                            parameters.toArray(OptionalParameter[]::new));
        } catch (PDUStringException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
