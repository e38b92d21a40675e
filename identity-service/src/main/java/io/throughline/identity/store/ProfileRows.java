package io.throughline.identity.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.profile.Dated;
import io.throughline.identity.profile.Fact;
import io.throughline.identity.profile.Knowledge;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.profile.Purchases;
import io.throughline.identity.profile.Seen;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.Collection;
import java.util.Map;
import java.util.SortedSet;

/** Profiles as rows of {@code customers}. */
final class ProfileRows {

    /** The columns that {@link #read} wants; JSON as text, so that it is parsed once. */
    static final String COLUMNS =
            """
            id, version, traits::text AS traits, facts::text AS facts, seen::text AS seen,
            purchases::text AS purchases, first_seen, last_seen, created_at, changed_at
            """;

    private static final TypeReference<Map<String, Dated>> TRAITS = new TypeReference<>() {};
    private static final TypeReference<Map<Fact, Dated>> FACTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Seen>> SEEN = new TypeReference<>() {};
    private static final TypeReference<Purchases> PURCHASES = new TypeReference<>() {};

    private ProfileRows() {}

    static Profile read(Row row, SortedSet<Identifier> identifiers) {
        return new Profile(
                Columns.customer(row, "id"),
                row.getLong("version"),
                identifiers,
                new Knowledge(
                        parse(row, "traits", TRAITS),
                        parse(row, "facts", FACTS),
                        parse(row, "seen", SEEN),
                        parse(row, "purchases", PURCHASES),
                        Columns.instant(row, "first_seen"),
                        Columns.instant(row, "last_seen")),
                Columns.instant(row, "created_at"),
                Columns.instant(row, "changed_at"));
    }

    /** In the order of {@link #COLUMNS}. */
    static Tuple columns(Collection<Profile> profiles) {
        return Tuple.tuple()
                .addArrayOfUUID(Columns.ids(profiles, Profile::id))
                .addArrayOfLong(Columns.longs(profiles, Profile::version))
                .addArrayOfString(Columns.jsons(profiles, p -> p.knowledge().traits()))
                .addArrayOfString(Columns.jsons(profiles, p -> p.knowledge().facts()))
                .addArrayOfString(Columns.jsons(profiles, p -> p.knowledge().seen()))
                .addArrayOfString(Columns.jsons(profiles, p -> p.knowledge().purchases()))
                .addArrayOfOffsetDateTime(Columns.times(profiles, p -> p.knowledge().firstSeen()))
                .addArrayOfOffsetDateTime(Columns.times(profiles, p -> p.knowledge().lastSeen()))
                .addArrayOfOffsetDateTime(Columns.times(profiles, Profile::createdAt))
                .addArrayOfOffsetDateTime(Columns.times(profiles, Profile::changedAt));
    }

    private static <T> T parse(Row row, String column, TypeReference<T> type) {
        try {
            return ContractJson.mapper().readValue(row.getString(column), type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("column " + column + " holds what is no profile", e);
        }
    }
}
