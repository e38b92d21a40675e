package io.throughline.identity.engagement;

import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.ConsentState;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether marketing can reach a customer by a channel, and what is in the way. What the gate will
 * say of one message depends on more: its category and topic, caps, silences, quiet hours.
 *
 * @param why what is in the way first of all; absent where nothing is
 * @param address absent where there is none
 * @param consent what she said
 * @param addressStopped whether the address itself was opted out, whoever has it
 * @param lastHardFailure when the carrier last said that nobody is there
 * @param code that it said so with
 */
public record Reachability(
        boolean reachable,
        @Nullable Why why,
        @Nullable String address,
        Permission consent,
        boolean addressStopped,
        @Nullable Instant lastHardFailure,
        @Nullable String code) {

    /** In the order in which they are looked at. */
    public enum Why {
        NO_ADDRESS,
        ADDRESS_STOPPED,
        OPTED_OUT,
        HARD_FAILURE,
        NO_CONSENT;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a customer said about a channel. */
    public enum Permission {
        /** Nothing. */
        NONE,
        /** Yes to the whole channel. */
        OPTED_IN,
        /** Yes to some topics, and nothing about the rest. */
        SOME_TOPICS,
        /** No to the whole channel. */
        OPTED_OUT;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * @param topics what counts by topic; the empty text is the whole channel
         */
        public static Permission of(Map<String, ConsentState> topics) {
            ConsentState whole = topics.get("");
            if (whole != null) {
                return whole == ConsentState.OPTED_OUT ? OPTED_OUT : OPTED_IN;
            }
            return topics.containsValue(ConsentState.OPTED_IN) ? SOME_TOPICS : NONE;
        }
    }

    /**
     * Where a channel reaches a customer.
     *
     * @param since when it became hers: what failed before was at another
     */
    public record Address(String value, Instant since) {}

    public static Reachability of(
            @Nullable Address address,
            Permission consent,
            boolean addressStopped,
            Engagement engagement) {
        Why why = why(address, consent, addressStopped, engagement);
        return new Reachability(
                why == null,
                why,
                address == null ? null : address.value(),
                consent,
                addressStopped,
                engagement.lastRefused(),
                engagement.refusal());
    }

    private static @Nullable Why why(
            @Nullable Address address,
            Permission consent,
            boolean addressStopped,
            Engagement engagement) {
        if (address == null) {
            return Why.NO_ADDRESS;
        }
        if (addressStopped) {
            return Why.ADDRESS_STOPPED;
        }
        if (consent == Permission.OPTED_OUT) {
            return Why.OPTED_OUT;
        }
        if (engagement.lastTryRefused(address.since())) {
            return Why.HARD_FAILURE;
        }
        return consent == Permission.NONE ? Why.NO_CONSENT : null;
    }
}
