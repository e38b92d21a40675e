package io.throughline.chassis.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Part of a list.
 *
 * @param next give it as {@code cursor} to read on; absent at the end
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Page<T>(List<T> items, @Nullable String next) {

    /**
     * Makes a page of what a query with {@code LIMIT limit + 1} gave.
     *
     * @param position what the next query starts after, taken from the last item of this page
     */
    public static <T> Page<T> of(List<T> found, int limit, Function<T, String> position) {
        if (found.size() <= limit) {
            return new Page<>(found, null);
        }
        List<T> items = List.copyOf(found.subList(0, limit));
        return new Page<>(items, Cursor.encode(position.apply(items.getLast())));
    }
}
