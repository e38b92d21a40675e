package io.throughline.identity.tracking;

import io.throughline.contracts.ingest.Trust;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request beside its body.
 *
 * @param source whose write key it came with
 * @param trust how far that source is believed
 * @param anonymousId what the identity cookie says, for events that name no anonymous id of their
 *     own
 * @param address IP address of the sender, for events that ask for it by {@code context.direct}
 * @param region ISO 3166 code of the country of phone numbers without {@code +} where the event
 *     names none
 */
public record Reception(
        String source,
        Trust trust,
        Instant receivedAt,
        @Nullable String anonymousId,
        @Nullable String address,
        @Nullable String region) {

    /** A request of which nothing is known but its source. */
    public static Reception of(String source, Trust trust, Instant receivedAt) {
        return new Reception(source, trust, receivedAt, null, null, null);
    }
}
