package io.throughline.chassis.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.json.ContractJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.sqlclient.data.Numeric;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All rows of some ids, as JSON: one list a part, every part as of the same instant. Times are ISO
 * 8601 in UTC, decimals are texts, what is null is absent.
 */
@ApplicationScoped
public class Extract {

    /** Rows of one part; all of it is held in memory at once. */
    private static final int MOST_ROWS = 50_000;

    private final Pool pool;

    Extract(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param name of the list
     * @param query takes the ids as {@code $1}, an array; its columns are named as they are to be
     *     told
     */
    public record Part(String name, String query) {}

    /** What a service keeps of ids. */
    public interface Known {

        List<Part> parts();
    }

    /**
     * @throws Problem 413 (as a failure) naming the part that has too many rows; nothing is ever
     *     left out
     */
    public Uni<ObjectNode> of(Collection<UUID> ids, List<Part> parts) {
        return pool.withTransaction(tx ->
                tx.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                        .execute()
                        .chain(() -> read(tx, ids, parts)));
    }

    private static Uni<ObjectNode> read(SqlConnection tx, Collection<UUID> ids, List<Part> parts) {
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        return Multi.createFrom()
                .iterable(parts)
                .onItem()
                .transformToUniAndConcatenate(
                        part -> read(tx, ids, part).invoke(rows -> whole.set(part.name(), rows)))
                .collect()
                .last()
                .replaceWith(whole);
    }

    private static Uni<ArrayNode> read(SqlConnection tx, Collection<UUID> ids, Part part) {
        return tx.preparedQuery(part.query() + " LIMIT " + (MOST_ROWS + 1))
                .execute(Tuple.of((Object) ids.toArray(UUID[]::new)))
                .map(rows -> {
                    if (rows.rowCount() > MOST_ROWS) {
                        throw Problem.tooLarge(
                                MOST_ROWS + " rows of " + part.name() + " in one document");
                    }
                    ArrayNode list = JsonNodeFactory.instance.arrayNode();
                    for (Row row : rows) {
                        list.add(json(row));
                    }
                    return list;
                });
    }

    private static ObjectNode json(Row row) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < row.size(); i++) {
            JsonNode value = json(row.getValue(i));
            if (value != null) {
                object.set(row.getColumnName(i), value);
            }
        }
        return object;
    }

    private static @Nullable JsonNode json(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case OffsetDateTime time -> TextNode.valueOf(time.toInstant().toString());
            case Numeric decimal -> TextNode.valueOf(decimal.bigDecimalValue().toPlainString());
            case UUID id -> TextNode.valueOf(id.toString());
            case JsonObject object -> parsed(object.encode());
            case JsonArray array -> parsed(array.encode());
            case Object[] items -> {
                ArrayNode list = JsonNodeFactory.instance.arrayNode();
                for (Object item : items) {
                    list.add(json(item));
                }
                yield list;
            }
            default -> ContractJson.mapper().valueToTree(value);
        };
    }

    private static JsonNode parsed(String json) {
        try {
            return ContractJson.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a column of JSON holds none", e);
        }
    }
}
