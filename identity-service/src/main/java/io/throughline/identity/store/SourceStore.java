package io.throughline.identity.store;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.source.KeyRing;
import io.throughline.identity.source.WriteKey;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/** Sources and the hashes of their write keys. */
@ApplicationScoped
public class SourceStore {

    /** Two small tables, whole. */
    private static final String RING =
            """
            SELECT s.name, s.trust, s.disabled, k.hash, k.valid_until
              FROM sources s
              LEFT JOIN source_keys k ON k.source = s.name AND k.revoked_at IS NULL
             ORDER BY s.name
            """;

    /** By the unique index on the hash. */
    private static final String EXISTS = "SELECT 1 FROM source_keys WHERE hash = $1";

    /** What the environment names is a source like others, apart from its key. */
    private static final String ADOPT =
            """
            INSERT INTO sources (name, disabled, created_at, changed_at)
            SELECT name, false, $2, $2 FROM unnest($1::text[]) AS name
             ORDER BY name
            ON CONFLICT DO NOTHING
            """;

    private final Pool pool;

    SourceStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * A source as it is managed.
     *
     * @param keys oldest first, revoked ones too
     */
    public record Managed(
            String name,
            @Nullable String description,
            Trust trust,
            boolean disabled,
            Instant createdAt,
            Instant changedAt,
            List<ManagedKey> keys) {}

    /**
     * @param hint how the key ends
     * @param validUntil when it stops, where that is fixed
     */
    public record ManagedKey(
            UUID id,
            String hint,
            Instant createdAt,
            @Nullable Instant validUntil,
            @Nullable Instant revokedAt) {

        /** Whether somebody can send with it. */
        public boolean works(Instant now) {
            return revokedAt == null && (validUntil == null || now.isBefore(validUntil));
        }
    }

    /**
     * What is to be changed; what is absent stays.
     *
     * @param description empty takes it away
     */
    public record Change(
            @Nullable String description, @Nullable Trust trust, @Nullable Boolean disabled) {}

    /** Everything that says who may send. */
    public Uni<KeyRing> ring(Map<String, String> configured) {
        return pool.preparedQuery(RING)
                .execute()
                .map(rows -> KeyRing.of(entries(rows), configured));
    }

    /** Whether there is or was a key of this hash. */
    public Uni<Boolean> knows(String hash) {
        return pool.preparedQuery(EXISTS).execute(Tuple.of(hash)).map(rows -> rows.size() > 0);
    }

    /** Makes sources of these names unless they are there. */
    public Uni<Void> adopt(Collection<String> names, Instant now) {
        return names.isEmpty()
                ? Uni.createFrom().voidItem()
                : pool.preparedQuery(ADOPT)
                        .execute(Tuple.of(names.toArray(String[]::new), Columns.time(now)))
                        .replaceWithVoid();
    }

    /**
     * Sources in the order of their names.
     *
     * @param after the name to start after; empty for the start
     */
    public Uni<List<Managed>> list(String after, int most) {
        return Panache.withSession(() ->
                Source.<Source>find("name > ?1 order by name", after)
                        .page(0, most)
                        .list()
                        .chain(SourceStore::withKeys));
    }

    /** A null item where there is none. */
    public Uni<@Nullable Managed> find(String name) {
        return Panache.withSession(() ->
                Source.<Source>findById(name)
                        .chain(source ->
                                source == null ? Uni.createFrom().nullItem() : withKeys(source)));
    }

    /** Lets a source send with its first key; a null item where the name is taken. */
    public Uni<@Nullable Managed> add(
            String name, @Nullable String description, Trust trust, WriteKey key, Instant now) {
        Uni<@Nullable Managed> added =
                Panache.withTransaction(() ->
                        Source.<Source>findById(name)
                                .chain(taken ->
                                        taken != null
                                                ? orNothing(null)
                                                : persist(name, description, trust, now)
                                                        .call(() -> persist(name, key, now))
                                                        .chain(SourceStore::orNothing)));
        return added.onFailure(ConstraintViolationException.class).recoverWithNull();
    }

    /** A null item where there is no such source. */
    public Uni<@Nullable Managed> change(String name, Change change, Instant now) {
        return changing(
                name,
                now,
                source -> {
                    String description = change.description();
                    if (description != null) {
                        source.description = description.isBlank() ? null : description;
                    }
                    source.trust = change.trust() == null ? source.trust : change.trust();
                    source.disabled =
                            change.disabled() == null ? source.disabled : change.disabled();
                    return Uni.createFrom().voidItem();
                });
    }

    /**
     * Gives a source a new key; those that it has stop at the end of the grace, if not before. A
     * null item where there is no such source.
     */
    public Uni<@Nullable Managed> rotate(
            String name, WriteKey key, Instant endOfGrace, Instant now) {
        return changing(
                name,
                now,
                source ->
                        SourceKey.update(
                                        "validUntil = ?1 where source = ?2 and revokedAt is null and (validUntil is null or validUntil > ?1)",
                                        endOfGrace,
                                        name)
                                .chain(() -> persist(name, key, now))
                                .replaceWithVoid());
    }

    /** Ends a key at once, if the source has it. A null item where there is no such source. */
    public Uni<@Nullable Managed> revoke(String name, UUID key, Instant now) {
        return changing(
                name,
                now,
                source ->
                        SourceKey.update(
                                        "revokedAt = ?1 where id = ?2 and source = ?3 and revokedAt is null",
                                        now,
                                        key,
                                        name)
                                .replaceWithVoid());
    }

    /** Ends a source and all of its keys at once. A null item where there is no such source. */
    public Uni<@Nullable Managed> revoke(String name, Instant now) {
        return changing(
                name,
                now,
                source -> {
                    source.disabled = true;
                    return SourceKey.update(
                                    "revokedAt = ?1 where source = ?2 and revokedAt is null",
                                    now,
                                    name)
                            .replaceWithVoid();
                });
    }

    private static Uni<@Nullable Managed> changing(
            String name, Instant now, Function<Source, Uni<Void>> change) {
        return Panache.withTransaction(() ->
                Source.<Source>findById(name, LockModeType.PESSIMISTIC_WRITE)
                        .chain(source ->
                                source == null
                                        ? orNothing(null)
                                        : change.apply(source)
                                                .invoke(() -> source.changedAt = now)
                                                .chain(() -> orNothing(source))));
    }

    private static Uni<Source> persist(
            String name, @Nullable String description, Trust trust, Instant now) {
        Source source = new Source();
        source.name = name;
        source.description = description;
        source.trust = trust;
        source.disabled = false;
        source.createdAt = now;
        source.changedAt = now;
        return source.persist();
    }

    private static Uni<SourceKey> persist(String source, WriteKey writeKey, Instant now) {
        SourceKey key = new SourceKey();
        key.id = UUID.randomUUID();
        key.source = source;
        key.hash = writeKey.hash();
        key.hint = writeKey.hint();
        key.createdAt = now;
        return key.persistAndFlush();
    }

    private static Uni<@Nullable Managed> orNothing(@Nullable Source source) {
        return source == null
                ? Uni.createFrom().nullItem()
                : withKeys(source).map(Function.identity());
    }

    private static Uni<Managed> withKeys(Source source) {
        return withKeys(List.of(source)).map(List::getFirst);
    }

    private static Uni<List<Managed>> withKeys(List<Source> sources) {
        List<String> names = sources.stream().map(source -> source.name).toList();
        return SourceKey.<SourceKey>list("source in ?1 order by createdAt, id", names)
                .map(keys -> sources.stream().map(source -> managed(source, keys)).toList());
    }

    private static Managed managed(Source source, List<SourceKey> keys) {
        return new Managed(
                source.name,
                source.description,
                source.trust,
                source.disabled,
                source.createdAt,
                source.changedAt,
                keys.stream()
                        .filter(key -> key.source.equals(source.name))
                        .map(key ->
                                new ManagedKey(
                                        key.id,
                                        key.hint,
                                        key.createdAt,
                                        key.validUntil,
                                        key.revokedAt))
                        .toList());
    }

    private static List<KeyRing.Entry> entries(RowSet<Row> rows) {
        Map<String, KeyRing.Entry> entries = new LinkedHashMap<>();
        for (Row row : rows) {
            KeyRing.Entry entry =
                    entries.computeIfAbsent(row.getString("name"), name -> entry(name, row));
            String hash = row.getString("hash");
            if (hash != null) {
                OffsetDateTime until = row.getOffsetDateTime("valid_until");
                entry.keys().add(new KeyRing.Key(hash, until == null ? null : until.toInstant()));
            }
        }
        return List.copyOf(entries.values());
    }

    private static KeyRing.Entry entry(String name, Row row) {
        return new KeyRing.Entry(
                name,
                Trust.of(row.getString("trust")),
                row.getBoolean("disabled"),
                new ArrayList<>());
    }
}
