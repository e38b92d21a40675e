package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * What may be written shorter in a policy than it is kept: a cap or a gap whose scope is a category
 * or a topic, which is kept as a global one among these, as an older reader takes it; and what a
 * silence covers.
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
        for (JsonNode one : written.path("silences")) {
            if (one instanceof ObjectNode silence) {
                writeCovers(silence);
            }
        }
        return written;
    }

    /** As in a journey's goal; what is no such word or object stays, and is refused as unknown. */
    private static void writeCovers(ObjectNode silence) {
        JsonNode covers = silence.path("covers");
        if (covers.asText().equals("all-journeys")) {
            silence.remove("covers");
        } else if (covers.isObject() && covers.size() == 1 && covers.has("categories")) {
            silence.remove("covers");
            silence.set("categories", covers.get("categories"));
        }
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
