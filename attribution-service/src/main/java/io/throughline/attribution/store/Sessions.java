package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.touch.Campaign;
import io.throughline.attribution.touch.Session;
import io.throughline.attribution.touch.SessionLog;
import io.throughline.contracts.CustomerId;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;

/** Visits that a campaign brought. */
@ApplicationScoped
public class Sessions {

    /** By the indexes customer_aliases_survivor and sessions_customer. */
    private static final String NEAR =
            """
            SELECT s.id, w.customer, s.name, s.source, s.medium, s.started_at, s.last_at
              FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS w(customer, earliest, latest)
             CROSS JOIN LATERAL (
                   SELECT w.customer AS id
                    UNION ALL
                   SELECT merged FROM customer_aliases WHERE survivor = w.customer) who
              JOIN sessions s ON s.customer = who.id AND s.started_at <= w.latest AND s.last_at >= w.earliest
             ORDER BY s.started_at, s.id
            """;

    private static final String SAVE =
            """
            INSERT INTO sessions (id, customer, name, source, medium, started_at, last_at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
                                 $6::timestamptz[], $7::timestamptz[])
            ON CONFLICT (id) DO UPDATE SET
                started_at = least(sessions.started_at, excluded.started_at),
                last_at = greatest(sessions.last_at, excluded.last_at)
            """;

    /**
     * A stretch of a customer's behaviour.
     *
     * @param customer the survivor
     */
    public record Stretch(CustomerId customer, Instant from, Instant to) {

        /** From the earlier beginning to the later end. */
        public Stretch and(Stretch other) {
            return new Stretch(
                    customer,
                    from.isBefore(other.from) ? from : other.from,
                    to.isAfter(other.to) ? to : other.to);
        }
    }

    /** Sessions that behaviour of these stretches may belong to, each under the survivor. */
    public Uni<List<Session>> near(SqlConnection tx, List<Stretch> stretches) {
        if (stretches.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return tx.preparedQuery(NEAR)
                .execute(
                        new Columns<>(stretches)
                                .uuid(s -> s.customer().value())
                                .time(s -> s.from().minus(SessionLog.GAP))
                                .time(s -> s.to().plus(SessionLog.GAP))
                                .tuple())
                .map(rows ->
                        StreamSupport.stream(rows.spliterator(), false)
                                .map(Sessions::session)
                                .toList());
    }

    public Uni<Void> save(SqlConnection tx, Collection<Session> sessions) {
        if (sessions.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Session> sorted = sessions.stream().sorted(Comparator.comparing(Session::id)).toList();
        return tx.preparedQuery(SAVE)
                .execute(
                        new Columns<>(sorted)
                                .uuid(Session::id)
                                .uuid(s -> s.customer().value())
                                .text(s -> s.campaign().name())
                                .text(s -> s.campaign().source())
                                .text(s -> s.campaign().medium())
                                .time(Session::startedAt)
                                .time(Session::lastAt)
                                .tuple())
                .replaceWithVoid();
    }

    private static Session session(Row row) {
        return new Session(
                row.getUUID("id"),
                new CustomerId(row.getUUID("customer")),
                new Campaign(
                        row.getString("name"), row.getString("source"), row.getString("medium")),
                row.getOffsetDateTime("started_at").toInstant(),
                row.getOffsetDateTime("last_at").toInstant());
    }
}
