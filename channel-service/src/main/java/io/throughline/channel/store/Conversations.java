package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.InboundText;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.message.MessageEvent;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Who is behind an address, what came in from it, and what was said against being written to. */
@ApplicationScoped
public class Conversations {

    /** A carrier that repeats a text does so within this time. */
    private static final Duration REPEATED_WITHIN = Duration.ofMinutes(5);

    /** How long after a message a text is taken to answer it. */
    private static final Duration ANSWERED_WITHIN = Duration.ofDays(7);

    /**
     * Longer than the brokers keep a request that does not know of it, dead letters that are put
     * back included.
     */
    private static final Duration UNLINKED_KEPT = Topics.DEAD_LETTER_RETENTION.plusDays(3);

    private static final String FORGET_OLDER =
            """
            DELETE FROM address_book b
             USING unnest($1::uuid[], $2::bigint[]) AS p(customer, version)
             WHERE b.customer = p.customer AND b.version < p.version
            """;

    /** A profile that is older than the one the book has says nothing. */
    private static final String ADD =
            """
            INSERT INTO address_book (channel, address, customer, version)
            SELECT n.channel, n.address, n.customer, n.version
              FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[])
                   AS n(channel, address, customer, version)
             WHERE NOT EXISTS (SELECT FROM address_book b
                                WHERE b.customer = n.customer AND b.version > n.version)
            ON CONFLICT (channel, address, customer)
            DO UPDATE SET version = greatest(address_book.version, excluded.version)
            """;

    /**
     * Keeps this lock apart from the outbox's, which have two keys, and from those of addresses.
     */
    private static final long MERGES = 0x7468_6d67L;

    private static final String LOCK_MERGES = "SELECT pg_advisory_xact_lock($1)";

    private static final String MERGE =
            """
            WITH target AS (
              SELECT coalesce((SELECT survivor FROM customer_aliases WHERE merged = $1), $1) AS id),
            moved AS (
              UPDATE customer_aliases SET survivor = (SELECT id FROM target) WHERE survivor = $2)
            INSERT INTO customer_aliases (merged, survivor)
            SELECT $2, id FROM target WHERE id <> $2
            ON CONFLICT (merged) DO UPDATE SET survivor = excluded.survivor
            """;

    /**
     * By the indexes customer_aliases_by_survivor and messages_by_customer. What one would fall
     * back to is the first customer's; and what is under way and may be tried again was said to
     * her, so its time is over.
     */
    private static final String UNLINK_MESSAGES =
            """
            UPDATE messages m
               SET customer = $2, fallbacks = '[]',
                   deadline = CASE WHEN m.state IN ('queued', 'handing_over')
                                   THEN least(m.deadline, m.requested_at) ELSE m.deadline END
              FROM (SELECT id, customer FROM messages
                     WHERE (channel, address) IN (SELECT * FROM unnest($3::text[], $4::text[]))
                       AND customer IN (SELECT $1::uuid UNION ALL
                                        SELECT merged FROM customer_aliases WHERE survivor = $1)
                     ORDER BY id FOR UPDATE) was
             WHERE m.id = was.id AND was.customer <> $2
            RETURNING m.id, m.channel, was.customer
            """;

    /** By the indexes customer_aliases_by_survivor and opt_outs_by_customer. */
    private static final String UNLINK_OPT_OUTS =
            """
            UPDATE opt_outs SET customer = $2
             WHERE (channel, address) IN (SELECT * FROM unnest($3::text[], $4::text[]))
               AND customer IN (SELECT $1::uuid UNION ALL SELECT merged FROM customer_aliases WHERE survivor = $1)
            """;

    /**
     * What the first customer's messages would fall back to is not hers any more. By the indexes
     * customer_aliases_by_survivor and messages_by_customer.
     */
    private static final String UNLINK_FALLBACKS =
            """
            UPDATE messages m
               SET fallbacks = coalesce(
                     (SELECT jsonb_agg(f ORDER BY place)
                        FROM jsonb_array_elements(m.fallbacks) WITH ORDINALITY AS kept (f, place)
                       WHERE (f ->> 'channel', f ->> 'to') NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))),
                     '[]')
             WHERE m.id IN (
                   SELECT o.id FROM messages o
                    WHERE o.fallbacks <> '[]'
                      AND o.customer IN (SELECT $1::uuid UNION ALL
                                         SELECT merged FROM customer_aliases WHERE survivor = $1)
                      AND EXISTS (SELECT FROM jsonb_array_elements(o.fallbacks) AS f
                                   WHERE (f ->> 'channel', f ->> 'to') IN
                                         (SELECT * FROM unnest($2::text[], $3::text[])))
                    ORDER BY o.id FOR UPDATE)
            """;

    /**
     * The latest of two; what is too old to matter goes, by the index unlinked_addresses_by_time.
     */
    private static final String NOTE_UNLINKED =
            """
            WITH old AS (
              DELETE FROM unlinked_addresses WHERE (channel, address, customer) IN (
                SELECT channel, address, customer FROM unlinked_addresses
                 WHERE unlinked_at < $6 FOR UPDATE SKIP LOCKED))
            INSERT INTO unlinked_addresses (channel, address, customer, holder, version, unlinked_at)
            SELECT u.channel, u.address, $1, $2, greatest(b.version, $7), $5
              FROM unnest($3::text[], $4::text[]) AS u (channel, address)
              LEFT JOIN address_book b
                     ON b.channel = u.channel AND b.address = u.address AND b.customer = $1
            ON CONFLICT (channel, address, customer)
            DO UPDATE SET holder = excluded.holder, version = excluded.version,
                          unlinked_at = excluded.unlinked_at
            """;

    /** By the primary keys of address_book and customer_aliases. */
    private static final String BEHIND =
            """
            SELECT DISTINCT coalesce(a.survivor, b.customer) AS customer
              FROM address_book b LEFT JOIN customer_aliases a ON a.merged = b.customer
             WHERE b.channel = $1 AND b.address = $2
             ORDER BY customer
            """;

    /**
     * By the primary keys of gone and customer_aliases and the indexes customer_aliases_by_survivor
     * and address_book_by_customer: the address that the profile says that came last, her own
     * before one of a customer who was merged into her.
     */
    private static final String REACH =
            """
            WITH root AS (
              SELECT coalesce((SELECT survivor FROM customer_aliases WHERE merged = $1), $1) AS id)
            SELECT EXISTS (SELECT FROM gone WHERE gone.id = $1) AS erased,
                   (SELECT b.address FROM address_book b
                     WHERE b.channel = $2
                       AND b.customer IN (SELECT root.id UNION ALL
                                          SELECT merged FROM customer_aliases WHERE survivor = root.id)
                     ORDER BY b.customer = root.id DESC, b.version DESC LIMIT 1) AS address
              FROM root
            """;

    /** By the partial index messages_claimed: little is being handed over at a time. */
    private static final String WRITTEN_TO_NOW =
            """
            SELECT DISTINCT coalesce(a.survivor, m.customer) AS customer
              FROM messages m LEFT JOIN customer_aliases a ON a.merged = m.customer
             WHERE m.state = 'handing_over' AND m.channel = $1 AND m.address = $2
             ORDER BY customer
            """;

    /** By the index messages_by_address. */
    private static final String LAST_SENT =
            """
            SELECT m.id, coalesce(a.survivor, m.customer) AS customer
              FROM messages m LEFT JOIN customer_aliases a ON a.merged = m.customer
             WHERE m.channel = $1 AND m.address = $2 AND m.sent_at > $3
             ORDER BY m.sent_at DESC LIMIT 1
            """;

    private static final String LOCK =
            "SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2, 0))";

    /** By the index inbound_texts_by_address. */
    private static final String LAST_TEXT =
            """
            SELECT body, received_at FROM inbound_texts
             WHERE channel = $1 AND address = $2 ORDER BY id DESC LIMIT 1
            """;

    private static final String KEEP_TEXT =
            """
            INSERT INTO inbound_texts (route, channel, address, recipient, body, keyword, received_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;

    private static final String KEEP_OPT_OUT =
            """
            INSERT INTO opt_outs (channel, address, customer, message, means, evidence, at)
            SELECT $1, $2, customer, $4, $5, $6, $7 FROM unnest($3::uuid[]) AS customer
            """;

    private final Pool pool;

    Conversations(Pool pool) {
        this.pool = pool;
    }

    /** The message that an address was sent last, and whose it was. */
    public record Answered(MessageId message, CustomerId customer) {}

    /**
     * Where a customer is reached on a channel.
     *
     * @param erased whether she was; then nothing else is known
     * @param address absent where there is none
     */
    public record Reach(boolean erased, @Nullable String address) {}

    /** A text as it is kept. */
    public record Text(
            String route,
            Channel channel,
            String from,
            String to,
            String body,
            @Nullable String keyword,
            Instant at) {

        public static Text of(InboundText text, @Nullable String keyword) {
            return new Text(
                    text.route(),
                    text.channel(),
                    text.from(),
                    text.to(),
                    // PostgreSQL's text takes no NUL; refusing it would only bring it back.
                    text.text().replace("\0", ""),
                    keyword,
                    text.at());
        }
    }

    /** An opt-out as it is kept. */
    public record OptOut(
            Channel channel,
            String address,
            @Nullable MessageId message,
            String means,
            String evidence,
            Instant at) {}

    /** Notes where customers can be reached, in the caller's transaction. */
    public Uni<Void> addresses(SqlConnection tx, List<ProfileChanged> profiles) {
        Map<CustomerId, ProfileChanged> newest = new LinkedHashMap<>();
        for (ProfileChanged profile : profiles) {
            newest.merge(profile.customer(), profile, (a, b) -> a.version() > b.version() ? a : b);
        }
        if (newest.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<ProfileChanged> known = List.copyOf(newest.values());
        return tx.preparedQuery(FORGET_OLDER)
                .execute(
                        Tuple.of(
                                known.stream().map(p -> p.customer().value()).toArray(UUID[]::new),
                                known.stream().map(ProfileChanged::version).toArray(Long[]::new)))
                .chain(() -> add(tx, known));
    }

    private static Uni<Void> add(SqlConnection tx, List<ProfileChanged> profiles) {
        List<String> channels = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        List<UUID> customers = new ArrayList<>();
        List<Long> versions = new ArrayList<>();
        for (ProfileChanged profile : profiles) {
            profile.addresses()
                    .forEach((channel, address) -> {
                        channels.add(channel.word());
                        addresses.add(address);
                        customers.add(profile.customer().value());
                        versions.add(profile.version());
                    });
        }
        return tx.preparedQuery(ADD)
                .execute(
                        Tuple.of(
                                channels.toArray(String[]::new),
                                addresses.toArray(String[]::new),
                                customers.toArray(UUID[]::new),
                                versions.toArray(Long[]::new)))
                .replaceWithVoid();
    }

    /**
     * Notes that two customers are one, in the caller's transaction. Such transactions wait for
     * each other, since two links of one chain may come from two partitions at once, and neither
     * would see the other's.
     */
    public Uni<Void> merged(SqlConnection tx, CustomersMerged merge) {
        return tx.preparedQuery(LOCK_MERGES)
                .execute(Tuple.of(MERGES))
                .chain(() ->
                        tx.preparedQuery(MERGE)
                                .execute(
                                        Tuple.of(merge.survivor().value(), merge.merged().value())))
                .replaceWithVoid();
    }

    /**
     * Messages to addresses that are another customer's, and stops from them, go to that one.
     *
     * @return the messages that did, for the other services
     */
    public Uni<List<MessageEvent.Reassigned>> unlinked(
            SqlConnection tx, IdentifiersUnlinked unlinked) {
        MovedAddresses addresses = new MovedAddresses(unlinked);
        if (addresses.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        UUID from = unlinked.customer().value();
        String[] on = addresses.channels();
        String[] at = addresses.addresses();
        Tuple moved = Tuple.of(from, unlinked.to().value(), on, at);
        return tx.preparedQuery(UNLINK_OPT_OUTS)
                .execute(moved)
                .chain(() -> tx.preparedQuery(UNLINK_MESSAGES).execute(moved))
                .call(() -> tx.preparedQuery(UNLINK_FALLBACKS).execute(Tuple.of(from, on, at)))
                .map(rows -> {
                    List<MessageEvent.Reassigned> reassigned = new ArrayList<>();
                    for (Row row : rows) {
                        reassigned.add(
                                new MessageEvent.Reassigned(
                                        new MessageId(row.getUUID("id")),
                                        new CustomerId(row.getUUID("customer")),
                                        unlinked.to(),
                                        Channel.of(row.getString("channel")),
                                        unlinked.unlinkedAt()));
                    }
                    return reassigned;
                });
    }

    /**
     * Notes that addresses are another customer's, so that what is still asked for to them is not
     * sent; before the book is told of profiles that were said after it.
     *
     * @param version of the profile of hers that was said last before
     */
    public Uni<Void> noteUnlinked(
            SqlConnection tx, IdentifiersUnlinked unlinked, long version, Instant now) {
        MovedAddresses addresses = new MovedAddresses(unlinked);
        return addresses.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(NOTE_UNLINKED)
                        .execute(
                                Tuple.tuple()
                                        .addUUID(unlinked.customer().value())
                                        .addUUID(unlinked.to().value())
                                        .addArrayOfString(addresses.channels())
                                        .addArrayOfString(addresses.addresses())
                                        .addOffsetDateTime(Columns.time(now))
                                        .addOffsetDateTime(Columns.time(now.minus(UNLINKED_KEPT)))
                                        .addLong(version))
                        .replaceWithVoid();
    }

    public Uni<Reach> reach(CustomerId customer, Channel channel) {
        return pool.preparedQuery(REACH)
                .execute(Tuple.of(customer.value(), channel.word()))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Reach(row.getBoolean("erased"), row.getString("address"));
                });
    }

    /** Everybody whom an address belongs to. */
    public Uni<Set<CustomerId>> behind(Channel channel, String address) {
        return customers(BEHIND, channel, address);
    }

    /** Everybody to whom a message is on its way at an address at this moment. */
    public Uni<Set<CustomerId>> writtenToNow(Channel channel, String address) {
        return customers(WRITTEN_TO_NOW, channel, address);
    }

    private Uni<Set<CustomerId>> customers(String query, Channel channel, String address) {
        return pool.preparedQuery(query)
                .execute(Tuple.of(channel.word(), address))
                .map(rows -> {
                    Set<CustomerId> customers = new LinkedHashSet<>();
                    for (Row row : rows) {
                        customers.add(new CustomerId(row.getUUID("customer")));
                    }
                    return customers;
                });
    }

    /** The message that a text from an address answers, where there is one; a null item if not. */
    public Uni<@Nullable Answered> answered(Channel channel, String address, Instant now) {
        return pool.preparedQuery(LAST_SENT)
                .execute(
                        Tuple.of(channel.word(), address, Columns.time(now.minus(ANSWERED_WITHIN))))
                .map(rows -> {
                    for (Row row : rows) {
                        return new Answered(
                                new MessageId(row.getUUID("id")),
                                new CustomerId(row.getUUID("customer")));
                    }
                    return null;
                });
    }

    /** Keeps a text, in the caller's transaction. */
    public Uni<Void> keep(SqlConnection tx, Text text) {
        return tx.preparedQuery(KEEP_TEXT)
                .execute(
                        Tuple.tuple()
                                .addString(text.route())
                                .addString(text.channel().word())
                                .addString(text.from())
                                .addString(text.to())
                                .addString(text.body())
                                .addString(text.keyword())
                                .addOffsetDateTime(Columns.time(text.at())))
                .replaceWithVoid();
    }

    /**
     * Keeps a text unless it is what the carrier told a moment ago already, in the caller's
     * transaction.
     *
     * @return whether it is news
     */
    public Uni<Boolean> keepIfNews(SqlConnection tx, Text text) {
        return tx.preparedQuery(LOCK)
                .execute(Tuple.of(text.channel().word(), text.from()))
                .chain(() ->
                        tx.preparedQuery(LAST_TEXT)
                                .execute(Tuple.of(text.channel().word(), text.from())))
                .chain(rows -> {
                    for (Row row : rows) {
                        if (isRepeated(text, row)) {
                            return Uni.createFrom().item(false);
                        }
                    }
                    return keep(tx, text).replaceWith(true);
                });
    }

    private static boolean isRepeated(Text text, Row last) {
        return last.getString("body").equals(text.body())
                && Columns.instantOf(last, "received_at").isAfter(text.at().minus(REPEATED_WITHIN));
    }

    /**
     * Keeps an opt-out, in the caller's transaction.
     *
     * @param customers everybody it is for; where nobody is known, the address alone
     */
    public Uni<Void> keep(SqlConnection tx, OptOut optOut, Set<CustomerId> customers) {
        @Nullable UUID[] ids =
                customers.isEmpty()
                        ? new @Nullable UUID[] {null}
                        : customers.stream().map(CustomerId::value).toArray(UUID[]::new);
        MessageId message = optOut.message();
        return tx.preparedQuery(KEEP_OPT_OUT)
                .execute(
                        Tuple.tuple()
                                .addString(optOut.channel().word())
                                .addString(optOut.address())
                                .addArrayOfUUID(ids)
                                .addUUID(message == null ? null : message.value())
                                .addString(optOut.means())
                                .addString(optOut.evidence())
                                .addOffsetDateTime(Columns.time(optOut.at())))
                .replaceWithVoid();
    }
}
