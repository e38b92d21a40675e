package io.throughline.journey.store;

import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Rows turned into columns, one array a parameter, for {@code unnest($1::type[], …)}: a statement
 * of any number of rows is one round trip and one plan.
 */
final class Columns<R> {

    private final List<R> rows;
    private final List<Object> arrays = new ArrayList<>();

    private Columns(List<R> rows) {
        this.rows = rows;
    }

    static <R> Columns<R> of(List<R> rows) {
        return new Columns<>(rows);
    }

    Columns<R> uuid(Function<R, @Nullable UUID> column) {
        return add(column, UUID[]::new);
    }

    Columns<R> text(Function<R, @Nullable String> column) {
        return add(column, String[]::new);
    }

    /** As text; the statement casts it to jsonb. */
    Columns<R> json(Function<R, @Nullable Object> column) {
        return add(
                row -> {
                    Object value = column.apply(row);
                    return value == null ? null : Json.write(value);
                },
                String[]::new);
    }

    Columns<R> integer(Function<R, @Nullable Integer> column) {
        return add(column, Integer[]::new);
    }

    Columns<R> bigint(Function<R, @Nullable Long> column) {
        return add(column, Long[]::new);
    }

    Columns<R> bool(Function<R, @Nullable Boolean> column) {
        return add(column, Boolean[]::new);
    }

    Columns<R> time(Function<R, @Nullable Instant> column) {
        return add(row -> utc(column.apply(row)), OffsetDateTime[]::new);
    }

    Tuple tuple() {
        return Tuple.from(arrays);
    }

    static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private <T> Columns<R> add(Function<R, @Nullable T> column, IntFunction<@Nullable T[]> array) {
        @Nullable T[] values = array.apply(rows.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = column.apply(rows.get(i));
        }
        arrays.add(values);
        return this;
    }
}
