package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * What may be written shorter in a policy than it is kept: a cap or a gap whose scope is a category
 * or a topic. It is kept as a global one among these, which is what an older reader makes of it.
 */
public final class ShortForms {

    private static final Set<String> NARROWER = Set.of("category", "topic");

    private ShortForms() {}

    /** The same document in the long form. */
    public static JsonNode written(JsonNode document) {
        JsonNode written = document.deepCopy();
        for (String list : Set.of("caps", "gaps")) {
            for (JsonNode one : written.path(list)) {
                if (one instanceof ObjectNode limit) {
                    write(limit);
                }
            }
        }
        return written;
    }

    private static void write(ObjectNode limit) {
        String scope = limit.path("scope").asText();
        if (!NARROWER.contains(scope)) {
            return;
        }
        limit.put("scope", "global");
        if (!limit.hasNonNull(scope) && !limit.hasNonNull("each")) {
            limit.put("each", scope);
        }
    }
}
