package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.json.ContractJson;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns rows' values into columns for {@code unnest}, and back. */
final class Columns {

    private Columns() {}

    static <T> String[] texts(Collection<T> rows, Function<T, String> value) {
        return rows.stream().map(value).toArray(String[]::new);
    }

    static <T> @Nullable String[] nullableTexts(
            Collection<T> rows, Function<T, @Nullable String> value) {
        return rows.stream().map(value).toArray(String[]::new);
    }

    static <T> UUID[] ids(Collection<T> rows, Function<T, CustomerId> value) {
        return rows.stream().map(row -> value.apply(row).value()).toArray(UUID[]::new);
    }

    static <T> Long[] longs(Collection<T> rows, Function<T, Long> value) {
        return rows.stream().map(value).toArray(Long[]::new);
    }

    static <T> OffsetDateTime[] times(Collection<T> rows, Function<T, Instant> value) {
        return rows.stream().map(row -> time(value.apply(row))).toArray(OffsetDateTime[]::new);
    }

    static <T> String[] jsons(Collection<T> rows, Function<T, ?> value) {
        return rows.stream().map(row -> json(value.apply(row))).toArray(String[]::new);
    }

    static <T> @Nullable UUID[] nullableUuids(
            Collection<T> rows, Function<T, @Nullable UUID> value) {
        return rows.stream().map(value).toArray(UUID[]::new);
    }

    /** Identifiers as {@code type:value}. */
    static String[] written(Collection<Identifier> identifiers) {
        return identifiers.stream().map(Identifier::toString).toArray(String[]::new);
    }

    static List<Identifier> identifiers(Row row, String column) {
        return Arrays.stream(row.getArrayOfStrings(column)).map(Identifier::of).toList();
    }

    static UUID[] uuids(Collection<CustomerId> customers) {
        return customers.stream().map(CustomerId::value).toArray(UUID[]::new);
    }

    static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static String json(Object value) {
        try {
            return ContractJson.mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON", e);
        }
    }

    static CustomerId customer(Row row, String column) {
        return new CustomerId(row.getUUID(column));
    }

    static Instant instant(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    static <T> List<T> list(Iterable<Row> rows, Function<Row, T> read) {
        List<T> result = new ArrayList<>();
        rows.forEach(row -> result.add(read.apply(row)));
        return result;
    }
}
