package io.throughline.contracts.message;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a message was not handed over, in the order in which the gate looks. */
public enum SuppressionReason {
    UNKNOWN_CUSTOMER,
    NO_CONSENT,
    OPTED_OUT,
    /** The address itself was opted out, whoever it belongs to. */
    ADDRESS_OPTED_OUT,
    /** A conversion's silence covers it. */
    SILENCED,
    QUIET_HOURS,
    /** Any gap; the verdict says which. */
    MINIMUM_GAP,
    JOURNEY_CAP,
    CHANNEL_CAP,
    /** A cap that goes over all channels, of a category or a topic too; the verdict says which. */
    GLOBAL_CAP,
    /** The journey's step had left it behind before it could be handed over. */
    WITHDRAWN,
    DEADLINE_PASSED,
    NO_ADDRESS,
    NO_ROUTE,
    /** The template is missing or cannot be rendered with these variables. */
    NO_CONTENT;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static SuppressionReason of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
