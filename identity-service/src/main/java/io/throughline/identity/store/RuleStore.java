package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.resolution.ResolutionRules;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The versions of the rules of resolution. */
@ApplicationScoped
public class RuleStore {

    /** By the primary key. */
    private static final String NEWEST =
            "SELECT document::text AS document FROM resolution_rules ORDER BY version DESC LIMIT 1";

    private static final String ADD =
            """
            INSERT INTO resolution_rules (version, document, changed_at, changed_by)
            VALUES ($1, $2::text::json, $3, $4)
            ON CONFLICT DO NOTHING
            """;

    private final Pool pool;

    RuleStore(Pool pool) {
        this.pool = pool;
    }

    /** The rules that were stored last; absent where nobody ever changed them. */
    public Uni<@Nullable ResolutionRules> newest() {
        return pool.preparedQuery(NEWEST)
                .execute()
                .map(rows -> rows.rowCount() == 0 ? null : read(rows.iterator().next()));
    }

    /**
     * Stores a version.
     *
     * @return whether nobody else stored the same version first
     */
    public Uni<Boolean> add(SqlConnection tx, ResolutionRules rules, Instant at, String by) {
        return tx.preparedQuery(ADD)
                .execute(Tuple.of(rules.version(), Columns.json(rules), Columns.time(at), by))
                .map(rows -> rows.rowCount() == 1);
    }

    private static ResolutionRules read(Row row) {
        try {
            return ContractJson.mapper()
                    .readValue(row.getString("document"), ResolutionRules.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("resolution_rules holds what are no rules", e);
        }
    }
}
