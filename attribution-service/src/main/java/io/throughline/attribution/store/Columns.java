package io.throughline.attribution.store;

import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows turned into one array a column, as {@code unnest} wants them. */
final class Columns<T> {

    private final List<? extends T> rows;
    private final Tuple tuple = Tuple.tuple();

    Columns(List<? extends T> rows) {
        this.rows = rows;
    }

    Columns<T> uuid(Function<T, @Nullable UUID> column) {
        tuple.addArrayOfUUID(rows.stream().map(column).toArray(UUID[]::new));
        return this;
    }

    Columns<T> text(Function<T, @Nullable String> column) {
        tuple.addArrayOfString(rows.stream().map(column).toArray(String[]::new));
        return this;
    }

    Columns<T> integer(Function<T, @Nullable Integer> column) {
        tuple.addArrayOfInteger(rows.stream().map(column).toArray(Integer[]::new));
        return this;
    }

    Columns<T> real(Function<T, @Nullable Double> column) {
        tuple.addArrayOfDouble(rows.stream().map(column).toArray(Double[]::new));
        return this;
    }

    Columns<T> truth(Function<T, @Nullable Boolean> column) {
        tuple.addArrayOfBoolean(rows.stream().map(column).toArray(Boolean[]::new));
        return this;
    }

    Columns<T> time(Function<T, @Nullable Instant> column) {
        tuple.addArrayOfOffsetDateTime(
                rows.stream().map(column).map(Columns::utc).toArray(OffsetDateTime[]::new));
        return this;
    }

    Tuple tuple() {
        return tuple;
    }

    static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
