package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What may be written shorter in a policy than it is kept: a cap or a gap whose scope is a category
 * or a topic, which is kept as a global one among these, as an older reader takes it; and what a
 * silence covers. A share is shown as a decimal text, and may be written as one.
 */
public final class ShortForms {

    private static final Set<String> NARROWER = Set.of("category", "topic");
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,9})?");

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
        JsonNode fatigue = written.path("fatigue");
        fatigue.path("steps").forEach(ShortForms::writeShare);
        writeShare(fatigue.path("nearlyLeft"));
        return written;
    }

    /** What is no decimal number stays, and is refused as none. */
    private static void writeShare(JsonNode of) {
        JsonNode share = of.path("share");
        if (of instanceof ObjectNode object
                && share.isTextual()
                && DECIMAL.matcher(share.asText()).matches()) {
            object.put("share", new BigDecimal(share.asText()));
        }
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
