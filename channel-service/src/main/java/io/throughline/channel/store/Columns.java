package io.throughline.channel.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.message.JourneyRef;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How values stand in columns: times in UTC, documents as JSON text that is cast in the query. */
final class Columns {

    private static final ObjectMapper JSON = ContractJson.mapper();

    private Columns() {}

    static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    static @Nullable Instant instant(Row row, String column) {
        OffsetDateTime time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }

    /** Of a column that is NOT NULL. */
    static Instant instantOf(Row row, String column) {
        return row.getOffsetDateTime(column).toInstant();
    }

    /** Of an array that is NOT NULL. */
    static List<Instant> instants(Row row, String column) {
        return Arrays.stream(row.getArrayOfOffsetDateTimes(column))
                .map(OffsetDateTime::toInstant)
                .toList();
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
        }
    }

    static <T> T read(String json, TypeReference<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored document cannot be read", e);
        }
    }

    /** From the columns journey, journey_version, instance, step. */
    static @Nullable JourneyRef origin(Row row) {
        String journey = row.getString("journey");
        UUID instance = row.getUUID("instance");
        return journey == null || instance == null
                ? null
                : new JourneyRef(
                        journey,
                        row.getInteger("journey_version"),
                        instance,
                        row.getString("step"));
    }
}
