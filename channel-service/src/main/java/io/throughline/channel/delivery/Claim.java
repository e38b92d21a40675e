package io.throughline.channel.delivery;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.governance.ContactRef;
import io.throughline.governance.GateRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message that this process has claimed: nobody else hands it over before the claim ends.
 *
 * @param attempts how often it was claimed before without being throttled
 * @param until when others may take the claim for abandoned
 * @param countedAt since when an earlier attempt counts that was not answered, and may have left;
 *     absent where there is none
 * @param lostSince when another process claimed it that was not heard of again; absent where none
 *     did
 * @param unlinked whether the address turned out to be another customer's since it was asked for
 */
public record Claim(
        MessageId message,
        CustomerId customer,
        Channel channel,
        String to,
        String template,
        Category category,
        @Nullable String topic,
        @Nullable JourneyRef origin,
        Map<String, Object> variables,
        @Nullable String locale,
        List<Fallback> fallbacks,
        Instant deadline,
        int attempts,
        Instant until,
        @Nullable Instant countedAt,
        @Nullable Instant lostSince,
        boolean unlinked) {

    public GateRequest asked() {
        return new GateRequest(
                customer,
                message,
                channel,
                category,
                topic,
                origin == null ? null : origin.journey(),
                to);
    }

    public ContactRef contact() {
        return new ContactRef(customer, message);
    }
}
