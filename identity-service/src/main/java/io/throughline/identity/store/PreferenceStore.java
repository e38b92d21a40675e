package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.preference.PreferenceCentre;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the preference centre offers, and the links to it that were made for customers. */
@ApplicationScoped
public class PreferenceStore {

    /** By the primary key. */
    private static final String NEWEST =
            "SELECT document::text AS document FROM preference_centres ORDER BY version DESC LIMIT 1";

    /** By the primary key. */
    private static final String VERSION =
            "SELECT document::text AS document FROM preference_centres WHERE version = $1";

    private static final String ADD =
            """
            INSERT INTO preference_centres (version, document, changed_at, changed_by)
            VALUES ($1, $2::text::json, $3, $4) ON CONFLICT DO NOTHING
            """;

    private static final String ADD_LINK =
            "INSERT INTO preference_links (token_hash, customer_id, expires_at) VALUES ($1, $2, $3)";

    /** By the primary key. */
    private static final String LINKED =
            "SELECT customer_id FROM preference_links WHERE token_hash = $1 AND expires_at > $2";

    private final Pool pool;

    PreferenceStore(Pool pool) {
        this.pool = pool;
    }

    /** What is offered now. */
    public Uni<PreferenceCentre> newest() {
        return pool.preparedQuery(NEWEST)
                .execute()
                .map(rows ->
                        Columns.list(rows, row -> read(row.getString("document"))).stream()
                                .findFirst()
                                .orElseGet(PreferenceCentre::initial));
    }

    /** What was offered in a version; empty where there was none. */
    public Uni<Optional<PreferenceCentre>> version(int version) {
        return version == 0
                ? Uni.createFrom().item(Optional.of(PreferenceCentre.initial()))
                : pool.preparedQuery(VERSION)
                        .execute(Tuple.of(version))
                        .map(rows ->
                                Columns.list(rows, row -> read(row.getString("document"))).stream()
                                        .findFirst());
    }

    /** Stores a version; false where somebody else stored the same version first. */
    public Uni<Boolean> add(PreferenceCentre centre, Instant at, String by) {
        return pool.preparedQuery(ADD)
                .execute(Tuple.of(centre.version(), Columns.json(centre), Columns.time(at), by))
                .map(rows -> rows.rowCount() == 1);
    }

    public Uni<Void> addLink(byte[] tokenHash, CustomerId customer, Instant expiresAt) {
        return pool.preparedQuery(ADD_LINK)
                .execute(
                        Tuple.of(
                                Buffer.buffer(tokenHash),
                                customer.value(),
                                Columns.time(expiresAt)))
                .replaceWithVoid();
    }

    /** Whom a link that is still good was made for, by the id she had then. */
    public Uni<Optional<CustomerId>> linked(byte[] tokenHash, Instant now) {
        return pool.preparedQuery(LINKED)
                .execute(Tuple.of(Buffer.buffer(tokenHash), Columns.time(now)))
                .map(rows -> first(Columns.list(rows, r -> Columns.customer(r, "customer_id"))));
    }

    private static <T> Optional<T> first(List<T> found) {
        return found.stream().findFirst();
    }

    private static PreferenceCentre read(String document) {
        try {
            return ContractJson.mapper().readValue(document, PreferenceCentre.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("preference_centres holds what is none", e);
        }
    }
}
