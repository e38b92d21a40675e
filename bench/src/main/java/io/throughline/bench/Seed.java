package io.throughline.bench;

import io.throughline.contracts.Identifier;
import io.throughline.local.LocalSettings;
import io.throughline.local.Service;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Customers by the million, put straight into identity's tables. The service is told of one, by the
 * front door, and the rows it wrote for her are copied with other numbers; so they have the form
 * that the service gives them, whatever that is. Other services know nothing of the copies.
 *
 * <p>Each has a user id, an email address and a device, seen together once, and a line in the
 * timeline. Her number, in eight digits, is in all of them, and is her trait {@code serial}.
 */
final class Seed {

    /** What the copies are copied from; no copy has it. */
    private static final String TEMPLATE = "99999999";

    private static final int DIGITS = TEMPLATE.length();
    private static final int COPIED_AT_ONCE = 250_000;

    /** How ids are made: a time in front, as if one had come every twenty seconds, then chance. */
    static final String ID_OF_N =
            """
            (lpad(to_hex(1700000000000 + n * 20000), 12, '0') || '7' || substr(md5(n::text), 1, 3)
             || '8' || substr(md5(n::text), 4, 15))::uuid\
            """;

    private static final String COPIES =
            """
            CREATE TEMPORARY TABLE copies AS
            SELECT lpad(n::text, 8, '0') AS number,
                   %s AS id,
                   substr(encode(sha256(convert_to(
                     upper(t.trust) || E'\\x1f'
                     || replace(array_to_string(t.identifiers, E'\\x1f'), '99999999', lpad(n::text, 8, '0')),
                     'UTF8')), 'hex'), 1, 32)::uuid AS sighting
              FROM generate_series(?::bigint, ?::bigint) n, template, sightings t
             WHERE t.customer_id = template.id
            """
                    .formatted(ID_OF_N);

    private static final List<String> ROWS =
            List.of(
                    """
                    INSERT INTO customers (id, version, traits, facts, purchases, first_seen, last_seen, created_at,
                                           changed_at, component, seen)
                    SELECT c.id, t.version, replace(t.traits::text, '99999999', number)::jsonb, t.facts, t.purchases,
                           t.first_seen, t.last_seen, t.created_at, t.changed_at, c.id,
                           replace(t.seen::text, '99999999', number)::jsonb
                      FROM copies c, template, customers t WHERE t.id = template.id
                    """,
                    """
                    INSERT INTO identifiers (type, value, customer_id, cause, linked_at, held, shared)
                    SELECT t.type, replace(t.value, '99999999', number), c.id, t.cause, t.linked_at, t.held, t.shared
                      FROM copies c, template, identifiers t WHERE t.customer_id = template.id
                    """,
                    """
                    INSERT INTO sightings (id, customer_id, identifiers, trust, first_at, first_source, first_message,
                                           refused, knowledge)
                    SELECT c.sighting, c.id, replace(t.identifiers::text, '99999999', number)::text[], t.trust,
                           t.first_at, t.first_source, t.first_message, t.refused,
                           replace(t.knowledge::text, '99999999', number)::json
                      FROM copies c, template, sightings t WHERE t.customer_id = template.id
                    """,
                    """
                    INSERT INTO timeline (customer_id, at, kind, entry, sighting)
                    SELECT c.id, t.at, t.kind, replace(t.entry::text, '99999999', number)::json, c.sighting
                      FROM copies c, template, timeline t WHERE t.customer_id = template.id
                    """);

    private static final String HOLDER =
            "SELECT count(*) FROM identifiers WHERE type = 'user_id' AND value = ?";

    /** Of those that are copied; merges and new devices add to them. */
    private static final String BYTES =
            """
            SELECT sum(pg_total_relation_size(name::regclass))
              FROM unnest(ARRAY['customers', 'identifiers', 'sightings', 'timeline']) AS name
            """;

    private final Workbench bench;
    private final Shop shop;
    private final LocalSettings settings;

    Seed(Workbench bench) {
        this.bench = bench;
        this.shop = new Shop(bench.stack().gateway());
        this.settings = bench.stack().settings();
    }

    /** Strongest first, as the service has them. */
    static List<Identifier> identifiers(long n) {
        return List.of(
                user(n), email(n), new Identifier("anonymous_id", "seed-device-" + digits(n)));
    }

    static Identifier user(long n) {
        return new Identifier("user_id", "seed-" + digits(n));
    }

    private static Identifier email(long n) {
        return new Identifier("email", "seed-%s@example.com".formatted(digits(n)));
    }

    static String digits(long n) {
        return ("%0" + DIGITS + "d").formatted(n);
    }

    /**
     * Sees to it that there are so many, numbered from 0; those that are there already stay.
     *
     * @return what each takes in PostgreSQL with its indexes; 0 where there were enough
     */
    double upTo(int count) throws SQLException, InterruptedException {
        try (Database identity = new Database(settings, Service.IDENTITY)) {
            long there = there(identity, count);
            if (there >= count) {
                return 0;
            }
            bench.say("putting %,d customers into identity's tables".formatted(count - there));
            template(identity);
            long before = identity.number(BYTES);
            for (long from = there; from < count; from += COPIED_AT_ONCE) {
                copy(identity, from, Math.min(count, from + COPIED_AT_ONCE));
            }
            double bytes = (double) (identity.number(BYTES) - before) / (count - there);
            identity.change("VACUUM ANALYZE customers, identifiers, sightings, timeline");
            return bytes;
        }
    }

    private static long there(Database identity, int count) throws SQLException {
        long from = 0;
        long to = count;
        while (from < to) {
            long middle = (from + to) / 2;
            if (identity.number(HOLDER, user(middle).value()) > 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private void template(Database identity) throws SQLException, InterruptedException {
        Identifier user = new Identifier("user_id", "seed-" + TEMPLATE);
        if (identity.number(HOLDER, user.value()) == 0) {
            introduce(user);
        }
        Watcher.until(
                        "the customer to be copied is there, with her history",
                        () ->
                                identity.finds(
                                        """
                                        SELECT 1 FROM identifiers i JOIN timeline t USING (customer_id)
                                         WHERE i.type = 'user_id' AND i.value = ?
                                        """,
                                        user.value()))
                .join();
        identity.change(
                "CREATE TEMPORARY TABLE template AS SELECT customer_id AS id FROM identifiers WHERE type = 'user_id' AND value = ?",
                user.value());
        long rows =
                identity.number(
                        "SELECT count(*) FROM template JOIN sightings t ON t.customer_id = template.id");
        if (rows != 1) {
            throw new IllegalStateException("expected one sighting to copy, there are " + rows);
        }
    }

    private void introduce(Identifier user) {
        shop.api()
                .site(
                        "identify",
                        Map.of(
                                "userId",
                                user.value(),
                                "anonymousId",
                                "seed-device-" + TEMPLATE,
                                "traits",
                                Map.of(
                                        "email",
                                        "seed-%s@example.com".formatted(TEMPLATE),
                                        "serial",
                                        TEMPLATE)));
    }

    private static void copy(Database identity, long from, long to) throws SQLException {
        identity.change(COPIES, from, to - 1);
        for (String rows : ROWS) {
            identity.change(rows);
        }
        identity.change("DROP TABLE copies");
    }
}
