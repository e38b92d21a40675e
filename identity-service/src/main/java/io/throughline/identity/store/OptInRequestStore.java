package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Provenance;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Opt-ins that wait for whoever has the address to confirm them. */
@ApplicationScoped
public class OptInRequestStore {

    private static final String ADD =
            """
            INSERT INTO opt_in_requests (id, customer_id, identifier, channel, topic, provenance, token_hash,
                                         requested_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6::text::json, $7, $8, $9)
            """;

    /** By the index opt_in_requests_identifier. */
    private static final String SINCE =
            "SELECT count(*) AS requests FROM opt_in_requests WHERE identifier = $1 AND requested_at > $2";

    private static final String SELECT =
            """
            SELECT id, customer_id, identifier, channel, topic, provenance::text AS provenance, requested_at,
                   expires_at, confirmed_at
              FROM opt_in_requests
            """;

    /** By the unique index on token_hash. */
    private static final String BY_TOKEN = SELECT + "WHERE token_hash = $1";

    /** By the primary key. */
    private static final String BY_ID = SELECT + "WHERE id = $1";

    /** By the index opt_in_requests_customer. */
    private static final String PENDING =
            SELECT
                    + """
                    WHERE customer_id = ANY($1) AND confirmed_at IS NULL AND expires_at > $2
                     ORDER BY requested_at DESC LIMIT 50
                    """;

    /** By the unique index on token_hash. Whoever comes second finds it confirmed. */
    private static final String CONFIRM =
            """
            UPDATE opt_in_requests SET confirmed_at = $2
             WHERE token_hash = $1 AND confirmed_at IS NULL AND expires_at > $2
            """;

    private final Pool pool;

    OptInRequestStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param provenance what the request was made with
     * @param expiresAt after this it cannot be confirmed any more
     * @param confirmedAt absent until then
     */
    public record OptInRequest(
            UUID id,
            CustomerId customer,
            Identifier identifier,
            About about,
            Provenance provenance,
            Instant requestedAt,
            Instant expiresAt,
            @Nullable Instant confirmedAt) {

        public boolean isPending(Instant now) {
            return confirmedAt == null && now.isBefore(expiresAt);
        }
    }

    public Uni<Void> add(SqlConnection tx, OptInRequest request, byte[] tokenHash) {
        return tx.preparedQuery(ADD)
                .execute(
                        Tuple.tuple()
                                .addValue(request.id())
                                .addValue(request.customer().value())
                                .addValue(request.identifier().toString())
                                .addValue(request.about().channel().word())
                                .addValue(PermissionStore.column(request.about().topic()))
                                .addValue(Columns.json(request.provenance()))
                                .addValue(Buffer.buffer(tokenHash))
                                .addValue(Columns.time(request.requestedAt()))
                                .addValue(Columns.time(request.expiresAt())))
                .replaceWithVoid();
    }

    /** How often somebody asked for an identifier since then. */
    public Uni<Long> since(SqlConnection tx, Identifier identifier, Instant then) {
        return tx.preparedQuery(SINCE)
                .execute(Tuple.of(identifier.toString(), Columns.time(then)))
                .map(rows -> rows.iterator().next().getLong("requests"));
    }

    public Uni<Optional<OptInRequest>> find(UUID id) {
        return pool.preparedQuery(BY_ID)
                .execute(Tuple.of(id))
                .map(rows -> Columns.list(rows, OptInRequestStore::read).stream().findFirst());
    }

    public Uni<Optional<OptInRequest>> behind(byte[] tokenHash) {
        return pool.preparedQuery(BY_TOKEN)
                .execute(Tuple.of(Buffer.buffer(tokenHash)))
                .map(rows -> Columns.list(rows, OptInRequestStore::read).stream().findFirst());
    }

    /** What still waits for a customer, newest first. */
    public Uni<List<OptInRequest>> pending(List<CustomerId> ids, Instant now) {
        return pool.preparedQuery(PENDING)
                .execute(Tuple.of(Columns.uuids(ids), Columns.time(now)))
                .map(rows -> Columns.list(rows, OptInRequestStore::read));
    }

    /** Confirms a request; false where it was confirmed before, or is too old. */
    public Uni<Boolean> confirm(SqlConnection tx, byte[] tokenHash, Instant now) {
        return tx.preparedQuery(CONFIRM)
                .execute(Tuple.of(Buffer.buffer(tokenHash), Columns.time(now)))
                .map(rows -> rows.rowCount() == 1);
    }

    private static OptInRequest read(Row row) {
        return new OptInRequest(
                row.getUUID("id"),
                Columns.customer(row, "customer_id"),
                Identifier.of(row.getString("identifier")),
                new About(
                        Channel.of(row.getString("channel")),
                        PermissionStore.absent(row.getString("topic"))),
                provenance(row.getString("provenance")),
                Columns.instant(row, "requested_at"),
                Columns.instant(row, "expires_at"),
                row.getOffsetDateTime("confirmed_at") == null
                        ? null
                        : Columns.instant(row, "confirmed_at"));
    }

    private static Provenance provenance(String document) {
        try {
            return ContractJson.mapper().readValue(document, Provenance.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("opt_in_requests holds no provenance", e);
        }
    }
}
