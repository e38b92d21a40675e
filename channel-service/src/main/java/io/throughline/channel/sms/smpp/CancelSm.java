package io.throughline.channel.sms.smpp;

import io.throughline.channel.sms.CommandStatus;
import io.throughline.channel.sms.SmsAddress;
import java.io.IOException;
import org.jsmpp.InvalidResponseException;
import org.jsmpp.PDUException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ResponseTimeoutException;
import org.jsmpp.session.SMPPSession;

/**
 * A {@code cancel_sm} of one part (SMPP 3.4, 4.9.1). Always by the carrier's id: without one it
 * would mean everything that is under way to the number.
 *
 * @param source as the part was submitted with; carriers compare
 */
record CancelSm(SmsAddress source, SmsAddress destination, String id) {

    static final String NAME = "cancel_sm";

    /** Returns when the carrier has said that it will not deliver the part. */
    void over(SMPPSession session)
            throws PDUException,
                    ResponseTimeoutException,
                    InvalidResponseException,
                    NegativeResponseException,
                    IOException {
        session.cancelShortMessage(
                "",
                id,
                TypeOfNumber.valueOf(source.ton()),
                NumberingPlanIndicator.valueOf(source.npi()),
                source.value(),
                TypeOfNumber.valueOf(destination.ton()),
                NumberingPlanIndicator.valueOf(destination.npi()),
                destination.value());
    }

    /** Carriers say either of what they have delivered, and of what they have forgotten since. */
    static boolean isTooLate(int commandStatus) {
        return commandStatus == SMPPConstant.STAT_ESME_RCANCELFAIL
                || commandStatus == SMPPConstant.STAT_ESME_RINVMSGID;
    }

    /** These two are answers to nothing else, and not listed with the others. */
    static String nameOf(CommandStatus status) {
        return switch (status.number()) {
            case SMPPConstant.STAT_ESME_RCANCELFAIL -> "ESME_RCANCELFAIL";
            case SMPPConstant.STAT_ESME_RINVMSGID -> "ESME_RINVMSGID";
            default -> status.name();
        };
    }
}
