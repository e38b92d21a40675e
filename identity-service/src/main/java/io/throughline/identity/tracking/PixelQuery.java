package io.throughline.identity.tracking;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query of an image request, read as the body that it stands for: a dot in a name is a step
 * into an object, as in {@code properties.order_id=O-88} (RudderStack's pixel).
 */
final class PixelQuery {

    private static final int MAX_DEPTH = 16;
    private static final Pattern DOT = Pattern.compile("\\.");

    private final List<Fault> faults = new ArrayList<>();

    private PixelQuery() {}

    /**
     * @param query decoded; of a name that stands twice the first value
     */
    static Checked<Map<String, Object>> read(Map<String, String> query) {
        PixelQuery reader = new PixelQuery();
        Map<String, Object> fields = new LinkedHashMap<>();
        query.forEach((name, value) -> reader.put(fields, name, unquoted(name, value)));
        return reader.faults.isEmpty()
                ? new Checked.Fine<>(fields)
                : new Checked.Faulty<>(reader.faults);
    }

    private void put(Map<String, Object> fields, String name, String value) {
        String[] steps = DOT.split(name, -1);
        Map<String, Object> object = steps.length > MAX_DEPTH ? null : fields;
        for (int i = 0; object != null && i < steps.length - 1; i++) {
            object = within(object, steps[i]);
        }
        if (object == null || object.putIfAbsent(steps[steps.length - 1], value) != null) {
            faults.add(new Fault(name, "expected it once, and not beside an object of its name"));
        }
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Map<String, Object> within(Map<String, Object> object, String step) {
        Object inner = object.computeIfAbsent(step, ignored -> new LinkedHashMap<String, Object>());
        return inner instanceof Map<?, ?> ? (Map<String, Object>) inner : null;
    }

    /** AMP pages write the anonymous id as a JSON string. */
    private static String unquoted(String name, String value) {
        boolean quoted =
                name.equals("anonymousId")
                        && value.length() > 2
                        && value.startsWith("\"")
                        && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
