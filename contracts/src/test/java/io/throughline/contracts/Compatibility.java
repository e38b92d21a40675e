package io.throughline.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether a reader that was built for a published schema can take records of a newer one. */
final class Compatibility {

    private Compatibility() {}

    /** What it could not take, by path; empty where it can take everything. */
    static List<String> breaks(JsonNode published, JsonNode now) {
        List<String> found = new ArrayList<>();
        compare("$", published, now, published, now, found);
        return found;
    }

    private static void compare(
            String path,
            JsonNode oldNode,
            JsonNode newNode,
            JsonNode oldRoot,
            JsonNode newRoot,
            List<String> found) {
        JsonNode before = resolve(oldNode, oldRoot);
        JsonNode after = resolve(newNode, newRoot);
        String oldType = before.path("type").asText();
        String newType = after.path("type").asText();
        if (!oldType.isEmpty() && !oldType.equals(newType)) {
            found.add(path + " was " + oldType + " and is " + newType);
            return;
        }
        if (before.has("enum")) {
            after.path("enum")
                    .forEach(word -> {
                        if (!contains(before.path("enum"), word)) {
                            found.add(path + " may now be " + word);
                        }
                    });
        }
        for (JsonNode required : before.path("required")) {
            if (!contains(after.path("required"), required)) {
                found.add(path + "." + required.asText() + " is no longer always there");
            }
        }
        for (Map.Entry<String, JsonNode> field : before.path("properties").properties()) {
            JsonNode counterpart = after.path("properties").path(field.getKey());
            if (!counterpart.isMissingNode()) {
                compare(
                        path + "." + field.getKey(),
                        field.getValue(),
                        counterpart,
                        oldRoot,
                        newRoot,
                        found);
            }
        }
        if (before.has("items")) {
            compare(path + "[]", before.get("items"), after.path("items"), oldRoot, newRoot, found);
        }
    }

    private static JsonNode resolve(JsonNode node, JsonNode root) {
        String reference = node.path("$ref").asText();
        return reference.startsWith("#") ? root.at(reference.substring(1)) : node;
    }

    private static boolean contains(JsonNode array, JsonNode value) {
        for (JsonNode item : array) {
            if (item.equals(value)) {
                return true;
            }
        }
        return false;
    }
}
