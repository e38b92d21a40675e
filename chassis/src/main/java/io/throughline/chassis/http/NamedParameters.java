package io.throughline.chassis.http;

import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.ext.ParamConverter;
import jakarta.ws.rs.ext.ParamConverterProvider;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads numbers and ids in paths and queries and names the parameter that is none; without it the
 * answer is 404, which sends the caller looking for the wrong mistake.
 */
@Provider
public final class NamedParameters implements ParamConverterProvider {

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable ParamConverter<T> getConverter(
            Class<T> type, Type generic, Annotation @Nullable [] annotations) {
        String name = nameIn(annotations);
        return name == null ? null : (ParamConverter<T>) converter(type, name);
    }

    private static @Nullable ParamConverter<?> converter(Class<?> type, String name) {
        if (type == int.class || type == Integer.class) {
            return new Reading<>(name, "expected a whole number", Integer::valueOf);
        }
        if (type == long.class || type == Long.class) {
            return new Reading<>(name, "expected a whole number", Long::valueOf);
        }
        if (type == UUID.class) {
            return new Reading<>(name, "expected a UUID", UUID::fromString);
        }
        return null;
    }

    private static @Nullable String nameIn(Annotation @Nullable [] annotations) {
        if (annotations != null) {
            for (Annotation annotation : annotations) {
                switch (annotation) {
                    case QueryParam query -> {
                        return query.value();
                    }
                    case PathParam path -> {
                        return path.value();
                    }
                    default -> {}
                }
            }
        }
        return null;
    }

    private record Reading<T>(String name, String expected, Function<String, T> read)
            implements ParamConverter<T> {

        @Override
        public T fromString(String text) {
            try {
                return read.apply(text);
            } catch (IllegalArgumentException e) {
                throw Problem.badRequest(name, expected + ", was '" + beginning(text) + "'");
            }
        }

        @Override
        public String toString(T value) {
            return String.valueOf(value);
        }

        private static String beginning(String text) {
            return text.length() <= 50 ? text : text.substring(0, 50) + "…";
        }
    }
}
