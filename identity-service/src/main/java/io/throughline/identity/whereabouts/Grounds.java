package io.throughline.identity.whereabouts;

import java.time.Instant;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a customer's profile tells where she is.
 *
 * @param zone that was stated; absent for none, as all of these
 * @param country of her address, by whatever it is called
 * @param state of her address
 * @param eventZone of the device she was last seen with, not long ago
 * @param numbers phone numbers she holds, E.164, and when they were last seen
 */
public record Grounds(
        @Nullable Said zone,
        @Nullable Said country,
        @Nullable Said state,
        @Nullable Said eventZone,
        SortedMap<String, Instant> numbers) {

    /** Something that was said, and when. */
    public record Said(String value, Instant at) {}

    /** Whether the same was said, whenever it was: then it comes to the same. */
    public boolean sayAs(Grounds other) {
        return same(zone, other.zone)
                && same(country, other.country)
                && same(state, other.state)
                && same(eventZone, other.eventZone)
                && numbers.keySet().equals(other.numbers.keySet());
    }

    /** Whether nothing was said at all. */
    public boolean areEmpty() {
        return zone == null
                && country == null
                && state == null
                && eventZone == null
                && numbers.isEmpty();
    }

    private static boolean same(@Nullable Said a, @Nullable Said b) {
        return Objects.equals(a == null ? null : a.value(), b == null ? null : b.value());
    }
}
