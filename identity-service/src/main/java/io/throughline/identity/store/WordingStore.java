package io.throughline.identity.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The texts that people agree to, each under its version, never changed. */
@ApplicationScoped
public class WordingStore {

    /** By the primary key; what is there stays. */
    private static final String ADD =
            """
            INSERT INTO consent_wordings (version, locale, wording, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (version) DO NOTHING
            """;

    /** By the primary key. */
    private static final String FIND =
            "SELECT version, locale, wording, created_at, created_by FROM consent_wordings WHERE version = $1";

    /** By the primary key. */
    private static final String PAGE =
            """
            SELECT version, locale, wording, created_at, created_by FROM consent_wordings
             WHERE version > $1 ORDER BY version LIMIT $2
            """;

    private final Pool pool;

    WordingStore(Pool pool) {
        this.pool = pool;
    }

    /**
     * @param locale BCP 47 tag of the language it is in
     */
    public record Wording(
            String version,
            @Nullable String locale,
            String text,
            Instant createdAt,
            String createdBy) {

        /** Whether both put the same to people. */
        public boolean saysTheSameAs(Wording other) {
            return text.equals(other.text) && Objects.equals(locale, other.locale);
        }
    }

    /** Adds a wording where its version is free, and gives the one that has it. */
    public Uni<Wording> add(Wording wording) {
        return pool.preparedQuery(ADD)
                .execute(
                        Tuple.of(
                                wording.version(),
                                wording.locale(),
                                wording.text(),
                                Columns.time(wording.createdAt()),
                                wording.createdBy()))
                .chain(() -> find(wording.version()))
                .map(Optional::orElseThrow);
    }

    public Uni<Optional<Wording>> find(String version) {
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(version))
                .map(rows -> Columns.list(rows, WordingStore::wording).stream().findFirst());
    }

    public Uni<List<Wording>> after(String version, int most) {
        return pool.preparedQuery(PAGE)
                .execute(Tuple.of(version, most))
                .map(rows -> Columns.list(rows, WordingStore::wording));
    }

    private static Wording wording(Row row) {
        return new Wording(
                row.getString("version"),
                row.getString("locale"),
                row.getString("wording"),
                Columns.instant(row, "created_at"),
                row.getString("created_by"));
    }
}
