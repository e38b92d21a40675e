package io.throughline.identity.tracking;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an event gets from the batch it stands in. Objects are merged field by field however deep,
 * so that an event which says its own {@code app.version} keeps the batch's {@code app.name};
 * anything else that the event says, a list or a null too, stands as the event says it.
 */
final class Inheritance {

    private Inheritance() {}

    static Map<String, Object> merged(Map<String, Object> shared, Map<String, Object> own) {
        if (shared.isEmpty()) {
            return own;
        }
        Map<String, Object> merged = new LinkedHashMap<>(shared);
        own.forEach((name, value) -> put(merged, name, value(merged.get(name), value)));
        return merged;
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Object value(@Nullable Object shared, @Nullable Object own) {
        return shared instanceof Map<?, ?> from && own instanceof Map<?, ?> to
                ? merged((Map<String, Object>) from, (Map<String, Object>) to)
                : own;
    }

    @SuppressWarnings("NullAway")
    private static void put(Map<String, Object> map, String name, @Nullable Object value) {
        map.put(name, value);
    }
}
