package io.throughline.governance.redis;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a server does when its memory is full.
 *
 * @param policy its {@code maxmemory-policy}
 * @param limited whether there is a {@code maxmemory} at all
 */
record Eviction(String policy, boolean limited) {

    private static final String NONE = "noeviction";

    /** What {@code INFO memory} says; empty where it does not say it. */
    static Optional<Eviction> of(String info) {
        Map<String, String> fields = new HashMap<>();
        info.lines()
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    if (colon > 0) {
                        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
                    }
                });
        String policy = fields.get("maxmemory_policy");
        OptionalLong most = number(fields.getOrDefault("maxmemory", ""));
        return policy == null || most.isEmpty()
                ? Optional.empty()
                : Optional.of(new Eviction(policy, most.getAsLong() != 0));
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Whether it may forget something that nobody removed. */
    boolean forgets() {
        return limited && !policy.equals(NONE);
    }
}
