package io.throughline.contracts.json;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A record component that is not {@link Nullable} is a required field; Jackson alone would let it
 * be null.
 */
final class RequiredFields {

    private static final ConcurrentMap<Class<?>, List<RecordComponent>> REQUIRED =
            new ConcurrentHashMap<>();

    private RequiredFields() {}

    /**
     * The name of the first required field that is absent, looking into nested records and lists of
     * records.
     */
    static Optional<String> firstMissing(Object data) {
        for (RecordComponent component :
                REQUIRED.computeIfAbsent(data.getClass(), RequiredFields::componentsOf)) {
            Object value = read(component, data);
            if (value == null) {
                if (isNullable(component)) {
                    continue;
                }
                return Optional.of(component.getName());
            }
            Optional<String> nested = firstMissingWithin(value);
            if (nested.isPresent()) {
                return Optional.of(component.getName() + "." + nested.get());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> firstMissingWithin(@Nullable Object value) {
        if (value instanceof Record) {
            return firstMissing(value);
        }
        if (value instanceof List<?> items) {
            for (int i = 0; i < items.size(); i++) {
                Optional<String> missing =
                        items.get(i) == null
                                ? Optional.of("null")
                                : firstMissingWithin(items.get(i));
                if (missing.isPresent()) {
                    return Optional.of(i + "." + missing.get());
                }
            }
        }
        return Optional.empty();
    }

    private static List<RecordComponent> componentsOf(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        return components == null ? List.of() : List.of(components);
    }

    private static boolean isNullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static @Nullable Object read(RecordComponent component, Object data) {
        try {
            return component.getAccessor().invoke(data);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }
}
