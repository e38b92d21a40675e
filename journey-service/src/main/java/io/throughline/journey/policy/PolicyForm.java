package io.throughline.journey.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The form of a policy that people write and read, beside the one that is stored and published:
 * there is one list of quiet hours, or one rule by itself. Stored, the first stands alone, since a
 * reader that was built when there was only one takes nothing else.
 */
public final class PolicyForm {

    private static final String QUIET = "quietHours";
    private static final String MORE = "moreQuietHours";

    private PolicyForm() {}

    /** The form that is stored, of a document that can be read; its version is not said yet. */
    public static ObjectNode stored(JsonNode document) {
        ObjectNode policy = document.deepCopy();
        policy.put("version", 0);
        policy.remove(MORE);
        if (document.path(QUIET) instanceof ArrayNode rules) {
            policy.remove(QUIET);
            ArrayNode more = policy.arrayNode();
            for (int i = 1; i < rules.size(); i++) {
                more.add(rules.get(i));
            }
            if (!rules.isEmpty()) {
                policy.set(QUIET, rules.get(0));
            }
            if (!more.isEmpty()) {
                policy.set(MORE, more);
            }
        }
        return policy;
    }

    /** The form that is shown. */
    public static ObjectNode shown(ObjectNode policy) {
        JsonNode more = policy.remove(MORE);
        if (more instanceof ArrayNode rest && !rest.isEmpty()) {
            ArrayNode rules = policy.arrayNode();
            rules.add(policy.path(QUIET));
            rules.addAll(rest);
            policy.set(QUIET, rules);
        }
        return policy;
    }
}
