package io.throughline.channel.sms.smpp;

import io.throughline.channel.sms.SmsAddress;
import java.io.IOException;
import org.jsmpp.InvalidResponseException;
import org.jsmpp.PDUException;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.RawDataCoding;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ResponseTimeoutException;
import org.jsmpp.session.SMPPSession;

/** One part of a message as it is submitted. */
final class SubmitSm {

    private static final int USER_DATA_HEADER = 0x40;

    /** Whether the carrier is to tell what became of it. */
    enum Receipts {
        NONE(0x00),
        /** For every final state. */
        WANTED(0x01);

        private final int registeredDelivery;

        Receipts(int registeredDelivery) {
            this.registeredDelivery = registeredDelivery;
        }
    }

    private final SmsAddress source;
    private final SmsAddress destination;
    private final boolean header;
    private final byte dataCoding;
    private final Receipts receipts;
    private final String validityPeriod;
    private final byte[] userData;

    /**
     * @param header whether the user data begins with one
     * @param userData at most 254 octets
     */
    SubmitSm(
            SmsAddress source,
            SmsAddress destination,
            boolean header,
            byte dataCoding,
            Receipts receipts,
            String validityPeriod,
            byte[] userData) {
        this.source = source;
        this.destination = destination;
        this.header = header;
        this.dataCoding = dataCoding;
        this.receipts = receipts;
        this.validityPeriod = validityPeriod;
        this.userData = userData;
    }

    /**
     * Waits for the answer.
     *
     * @return the carrier's id of the part; empty where it gives none
     */
    String over(SMPPSession session)
            throws PDUException,
                    ResponseTimeoutException,
                    InvalidResponseException,
                    NegativeResponseException,
                    IOException {
        String id =
                session.submitShortMessage(
                                "",
                                TypeOfNumber.valueOf(source.ton()),
                                NumberingPlanIndicator.valueOf(source.npi()),
                                source.value(),
                                TypeOfNumber.valueOf(destination.ton()),
                                NumberingPlanIndicator.valueOf(destination.npi()),
                                destination.value(),
                                new ESMClass(header ? USER_DATA_HEADER : 0),
                                (byte) 0,
                                (byte) 0,
                                "",
                                validityPeriod,
                                new RegisteredDelivery(receipts.registeredDelivery),
                                (byte) 0,
                                new RawDataCoding(dataCoding),
                                (byte) 0,
                                userData)
                        .getMessageId();
        return id == null ? "" : id;
    }
}
