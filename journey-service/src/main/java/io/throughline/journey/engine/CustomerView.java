package io.throughline.journey.engine;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.journey.choice.Engagement;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the engine knows of a customer when it decides.
 *
 * @param addresses where each channel reaches the customer
 * @param zone tz database name, where known
 * @param locale BCP 47 tag, where known
 * @param whereabouts for quiet hours; absent where the zone is all there is
 * @param engagement a channel that is missing has never been tried
 * @param scores predictions by name, as in {@code purchase_30d}
 * @param consents by channel word, or {@code channel:topic}, as in {@code sms} and {@code
 *     email:offers}; for conditions only, the gate has the say
 * @param segments the keys of those the customer is in
 */
public record CustomerView(
        CustomerId id,
        Map<String, Object> traits,
        Map<Channel, String> addresses,
        @Nullable String zone,
        @Nullable String locale,
        @Nullable Whereabouts whereabouts,
        Map<Channel, Engagement> engagement,
        Map<String, Double> scores,
        Map<String, ConsentState> consents,
        Set<String> segments) {

    /** A customer of whom nothing is known yet but the id. */
    public static CustomerView unknown(CustomerId id) {
        return new CustomerView(
                id, Map.of(), Map.of(), null, null, null, Map.of(), Map.of(), Map.of(), Set.of());
    }

    /** Of whom the zone is all that is known of where she is. */
    public CustomerView(
            CustomerId id,
            Map<String, Object> traits,
            Map<Channel, String> addresses,
            @Nullable String zone,
            @Nullable String locale,
            Map<Channel, Engagement> engagement,
            Map<String, Double> scores,
            Map<String, ConsentState> consents,
            Set<String> segments) {
        this(id, traits, addresses, zone, locale, null, engagement, scores, consents, segments);
    }

    /** Where quiet hours take her to be. */
    public Whereabouts where() {
        return whereabouts != null
                ? whereabouts
                : zone == null ? Whereabouts.UNKNOWN : Whereabouts.of(zone);
    }

    public Engagement engagementOn(Channel channel) {
        return engagement.getOrDefault(channel, Engagement.NONE);
    }
}
