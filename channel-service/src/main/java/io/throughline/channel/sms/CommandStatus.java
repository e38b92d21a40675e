package io.throughline.channel.sms;

import java.util.Map;

/**
 * What a carrier means by the {@code command_status} of an answer (SMPP 3.4, 5.1.3; those from
 * 0x100 are of 5.0).
 *
 * @param number as it came
 * @param meaning what follows from it
 * @param name as the specification calls it, or {@code vendor}, or {@code unlisted}
 */
public record CommandStatus(int number, Meaning meaning, String name) {

    public enum Meaning {
        ACCEPTED,
        /** Too much is coming; the message itself is fine. */
        THROTTLED,
        /** Not now; another time it may be taken. */
        TRANSIENT,
        /** The session is not what we think; it has to be bound anew. */
        NOT_BOUND,
        /** Something about this one message is wrong, and stays so. */
        BAD_MESSAGE,
        /** The carrier will not do this for us; an operator must talk to it. */
        FORBIDDEN
    }

    private static final Map<Integer, CommandStatus> LISTED =
            Map.ofEntries(
                    listed(0x00, Meaning.ACCEPTED, "ESME_ROK"),
                    listed(0x01, Meaning.BAD_MESSAGE, "ESME_RINVMSGLEN"),
                    listed(0x02, Meaning.BAD_MESSAGE, "ESME_RINVCMDLEN"),
                    listed(0x03, Meaning.BAD_MESSAGE, "ESME_RINVCMDID"),
                    listed(0x04, Meaning.NOT_BOUND, "ESME_RINVBNDSTS"),
                    listed(0x05, Meaning.NOT_BOUND, "ESME_RALYBND"),
                    listed(0x06, Meaning.BAD_MESSAGE, "ESME_RINVPRTFLG"),
                    listed(0x07, Meaning.BAD_MESSAGE, "ESME_RINVREGDLVFLG"),
                    listed(0x08, Meaning.TRANSIENT, "ESME_RSYSERR"),
                    listed(0x0A, Meaning.BAD_MESSAGE, "ESME_RINVSRCADR"),
                    listed(0x0B, Meaning.BAD_MESSAGE, "ESME_RINVDSTADR"),
                    listed(0x0D, Meaning.NOT_BOUND, "ESME_RBINDFAIL"),
                    listed(0x0E, Meaning.NOT_BOUND, "ESME_RINVPASWD"),
                    listed(0x0F, Meaning.NOT_BOUND, "ESME_RINVSYSID"),
                    listed(0x14, Meaning.THROTTLED, "ESME_RMSGQFUL"),
                    listed(0x15, Meaning.BAD_MESSAGE, "ESME_RINVSERTYP"),
                    listed(0x43, Meaning.BAD_MESSAGE, "ESME_RINVESMCLASS"),
                    listed(0x45, Meaning.TRANSIENT, "ESME_RSUBMITFAIL"),
                    listed(0x48, Meaning.BAD_MESSAGE, "ESME_RINVSRCTON"),
                    listed(0x49, Meaning.BAD_MESSAGE, "ESME_RINVSRCNPI"),
                    listed(0x50, Meaning.BAD_MESSAGE, "ESME_RINVDSTTON"),
                    listed(0x51, Meaning.BAD_MESSAGE, "ESME_RINVDSTNPI"),
                    listed(0x58, Meaning.THROTTLED, "ESME_RTHROTTLED"),
                    listed(0x61, Meaning.BAD_MESSAGE, "ESME_RINVSCHED"),
                    listed(0x62, Meaning.BAD_MESSAGE, "ESME_RINVEXPIRY"),
                    listed(0x64, Meaning.TRANSIENT, "ESME_RX_T_APPN"),
                    listed(0x65, Meaning.FORBIDDEN, "ESME_RX_P_APPN"),
                    listed(0x66, Meaning.FORBIDDEN, "ESME_RX_R_APPN"),
                    listed(0xC0, Meaning.BAD_MESSAGE, "ESME_RINVTLVSTREAM"),
                    listed(0xC1, Meaning.BAD_MESSAGE, "ESME_RTLVNOTALLWD"),
                    listed(0xC2, Meaning.BAD_MESSAGE, "ESME_RINVTLVLEN"),
                    listed(0xC3, Meaning.BAD_MESSAGE, "ESME_RMISSINGTLV"),
                    listed(0xC4, Meaning.BAD_MESSAGE, "ESME_RINVTLVVAL"),
                    listed(0xFE, Meaning.TRANSIENT, "ESME_RDELIVERYFAILURE"),
                    listed(0xFF, Meaning.TRANSIENT, "ESME_RUNKNOWNERR"),
                    listed(0x100, Meaning.FORBIDDEN, "ESME_RSERTYPUNAUTH"),
                    listed(0x101, Meaning.FORBIDDEN, "ESME_RPROHIBITED"),
                    listed(0x102, Meaning.FORBIDDEN, "ESME_RSERTYPUNAVAIL"),
                    listed(0x103, Meaning.FORBIDDEN, "ESME_RSERTYPDENIED"),
                    listed(0x104, Meaning.BAD_MESSAGE, "ESME_RINVDCS"));

    /**
     * One that neither the specification nor the settings list is taken as final: trying it again
     * until the deadline would be hammering for nothing.
     *
     * @param vendor what this carrier means by its own numbers, 0x400–0x4FF, before all else
     */
    public static CommandStatus of(int number, Map<Integer, Meaning> vendor) {
        Meaning own = vendor.get(number);
        if (own != null) {
            return new CommandStatus(number, own, "vendor");
        }
        CommandStatus listed = LISTED.get(number);
        return listed != null ? listed : new CommandStatus(number, Meaning.BAD_MESSAGE, "unlisted");
    }

    /** As in {@code 0x0B}. */
    public String code() {
        return "0x%02X".formatted(number);
    }

    private static Map.Entry<Integer, CommandStatus> listed(
            int number, Meaning meaning, String name) {
        return Map.entry(number, new CommandStatus(number, meaning, name));
    }
}
