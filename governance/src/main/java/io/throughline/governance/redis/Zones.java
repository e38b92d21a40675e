package io.throughline.governance.redis;

import io.throughline.contracts.CustomerId;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The zones that customers were seen to have, so that quiet hours are right at the first attempt.
 * Only a guess: the gate says so when it is wrong.
 */
final class Zones {

    private static final int MOST = 50_000;

    private final Map<CustomerId, ZoneId> zones =
            new LinkedHashMap<>(256, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<CustomerId, ZoneId> eldest) {
                    return size() > MOST;
                }
            };

    /** Absent for the policy's own. */
    synchronized @Nullable ZoneId of(CustomerId customer) {
        return zones.get(customer);
    }

    /**
     * @param name as the gate holds it; empty for none
     */
    synchronized @Nullable ZoneId remember(CustomerId customer, String name) {
        if (name.isEmpty()) {
            zones.remove(customer);
            return null;
        }
        ZoneId zone = parse(name);
        zones.put(customer, zone);
        return zone;
    }

    private static ZoneId parse(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalStateException(
                    "the gate holds the zone " + name + ", which this JDK does not know", e);
        }
    }
}
