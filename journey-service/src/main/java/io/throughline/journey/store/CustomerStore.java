package io.throughline.journey.store;

import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.journey.choice.Engagement;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.profile.KnownCustomer.Consent;
import io.throughline.journey.profile.Scores;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Customers: their copy of the profile, the lock on all that is theirs, and who they became. */
@ApplicationScoped
public class CustomerStore {

    private static final TypeReference<Map<String, Object>> TRAITS = new TypeReference<>() {};
    private static final TypeReference<Map<Channel, String>> ADDRESSES = new TypeReference<>() {};
    private static final TypeReference<List<Consent>> CONSENTS = new TypeReference<>() {};
    private static final TypeReference<Map<Channel, Engagement>> ENGAGEMENT =
            new TypeReference<>() {};
    private static final TypeReference<Set<String>> SEGMENTS = new TypeReference<>() {};

    // Index: customers_pkey.
    private static final String SURVIVORS =
            """
            SELECT id, survivor
              FROM customers
             WHERE id = ANY($1::uuid[]) AND survivor IS NOT NULL
            """;

    // In id order, so that two transactions that meet the same new customers do not wait for each
    // other in a circle.
    private static final String KNOW =
            """
            INSERT INTO customers (id)
            SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
            ON CONFLICT (id) DO NOTHING
            """;

    // Index: customers_pkey.
    private static final String LOCK =
            """
            SELECT id, survivor, profile_version, traits::text, addresses::text, time_zone, locale, whereabouts,
                   consents::text, engagement::text, segments::text, scores::text, joined_at
              FROM customers
             WHERE id = ANY($1::uuid[])
             ORDER BY id
               FOR UPDATE
            """;

    // Index: customers_pkey.
    private static final String SAVE =
            """
            UPDATE customers AS c
               SET profile_version = n.profile_version,
                   traits = n.traits::jsonb,
                   addresses = n.addresses::jsonb,
                   time_zone = n.time_zone,
                   locale = n.locale,
                   whereabouts = n.whereabouts,
                   consents = n.consents::jsonb,
                   engagement = n.engagement::jsonb,
                   segments = n.segments::jsonb,
                   scores = n.scores::jsonb,
                   joined_at = n.joined_at
              FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                          $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[])
                   AS n(id, profile_version, traits, addresses, time_zone, locale, whereabouts,
                        consents, engagement, segments, scores, joined_at)
             WHERE c.id = n.id
            """;

    // Index: customers_pkey and customers_survivor. What the merged one had is the survivor's now.
    private static final String MERGE =
            """
            UPDATE customers
               SET survivor = $1, traits = '{}', addresses = '{}', consents = '[]',
                   engagement = '{}', segments = '[]', time_zone = NULL, locale = NULL,
                   whereabouts = NULL, scores = DEFAULT, joined_at = NULL
             WHERE id = $2 OR survivor = $2
            """;

    /**
     * Customers under their lock.
     *
     * @param known those that are themselves
     * @param merged those that meanwhile became another, and which
     */
    public record Locked(List<KnownCustomer> known, Map<CustomerId, CustomerId> merged) {}

    /** Who of these was merged, and into whom; the others are left out. */
    public Uni<Map<CustomerId, CustomerId>> survivors(
            SqlConnection tx, Collection<CustomerId> customers) {
        return tx.preparedQuery(SURVIVORS)
                .execute(Tuple.of(ids(customers)))
                .map(CustomerStore::aliases);
    }

    /** Locks customers until the transaction ends; one that was never heard of is made. */
    public Uni<Locked> lock(SqlConnection tx, SortedSet<CustomerId> customers) {
        Tuple ids = Tuple.of(ids(customers));
        return tx.preparedQuery(KNOW)
                .execute(ids)
                .chain(() -> tx.preparedQuery(LOCK).execute(ids))
                .map(CustomerStore::locked);
    }

    public Uni<Void> save(SqlConnection tx, List<KnownCustomer> customers) {
        if (customers.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Tuple columns =
                Columns.of(customers)
                        .uuid(c -> c.id().value())
                        .bigint(KnownCustomer::profileVersion)
                        .json(KnownCustomer::traits)
                        .json(KnownCustomer::addresses)
                        .text(KnownCustomer::zone)
                        .text(KnownCustomer::locale)
                        .text(c -> c.whereabouts() == null ? null : c.whereabouts().text())
                        .json(KnownCustomer::consents)
                        .json(KnownCustomer::engagement)
                        .json(KnownCustomer::segments)
                        .json(KnownCustomer::scores)
                        .time(KnownCustomer::joinedAt)
                        .tuple();
        return tx.preparedQuery(SAVE).execute(columns).replaceWithVoid();
    }

    /** From here on the merged customer, and whoever had been merged into it, is the survivor. */
    public Uni<Void> merge(SqlConnection tx, CustomerId survivor, CustomerId merged) {
        return tx.preparedQuery(MERGE)
                .execute(Tuple.of(survivor.value(), merged.value()))
                .replaceWithVoid();
    }

    static UUID[] ids(Collection<CustomerId> customers) {
        return customers.stream().map(CustomerId::value).toArray(UUID[]::new);
    }

    private static Map<CustomerId, CustomerId> aliases(RowSet<Row> rows) {
        Map<CustomerId, CustomerId> merged = new HashMap<>();
        rows.forEach(row ->
                merged.put(
                        new CustomerId(row.getUUID("id")),
                        new CustomerId(row.getUUID("survivor"))));
        return merged;
    }

    private static Locked locked(RowSet<Row> rows) {
        List<KnownCustomer> known = new ArrayList<>();
        Map<CustomerId, CustomerId> merged = new HashMap<>();
        for (Row row : rows) {
            UUID survivor = row.getUUID("survivor");
            if (survivor == null) {
                known.add(customer(row));
            } else {
                merged.put(new CustomerId(row.getUUID("id")), new CustomerId(survivor));
            }
        }
        return new Locked(known, merged);
    }

    private static @Nullable Whereabouts where(@Nullable String text) {
        return text == null ? null : Whereabouts.of(text);
    }

    private static @Nullable Instant time(@Nullable OffsetDateTime column) {
        return column == null ? null : column.toInstant();
    }

    /** Also the dry run's snapshot reads customers this way. */
    static KnownCustomer customer(Row row) {
        return new KnownCustomer(
                new CustomerId(row.getUUID("id")),
                row.getLong("profile_version"),
                Json.read(row.getString("traits"), TRAITS),
                Json.read(row.getString("addresses"), ADDRESSES),
                row.getString("time_zone"),
                row.getString("locale"),
                where(row.getString("whereabouts")),
                Json.read(row.getString("consents"), CONSENTS),
                Json.read(row.getString("engagement"), ENGAGEMENT),
                Json.read(row.getString("segments"), SEGMENTS),
                Json.read(row.getString("scores"), Scores.class),
                time(row.getOffsetDateTime("joined_at")));
    }
}
