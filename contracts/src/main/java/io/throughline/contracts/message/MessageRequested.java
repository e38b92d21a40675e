package io.throughline.contracts.message;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message to hand over.
 *
 * @param to the address on the channel
 * @param topic the consent topic it belongs to; absent where the channel's consent alone counts
 * @param variables what the template may read: {@code customer}, {@code event}, {@code journey}
 * @param fallbacks tried in order when the gate refuses this channel for good (consent, no route),
 *     under the same id
 * @param deadline not handed over after this
 */
public record MessageRequested(
        MessageId message,
        CustomerId customer,
        Channel channel,
        String to,
        String template,
        Category category,
        @Nullable String topic,
        int priority,
        @Nullable JourneyRef origin,
        Map<String, Object> variables,
        @Nullable String locale,
        @Nullable String timeZone,
        List<Fallback> fallbacks,
        Instant requestedAt,
        Instant deadline)
        implements ContractEvent {

    /** The same message on another channel. */
    public record Fallback(Channel channel, String to, String template) {}

    @Override
    public String partitionKey() {
        return customer.toString();
    }

    @Override
    public List<CustomerId> tellsOf() {
        return List.of(customer);
    }
}
