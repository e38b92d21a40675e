package io.throughline.channel.store;

import com.fasterxml.jackson.core.type.TypeReference;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Outcome;
import io.throughline.channel.delivery.Told;
import io.throughline.channel.dispatch.Ledger;
import io.throughline.channel.dispatch.People;
import io.throughline.channel.route.HandOver;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The send ledger in PostgreSQL. */
@ApplicationScoped
public class SendLedger implements Ledger {

    /** A message asked for twice is there once, by its primary key. */
    private static final String INSERT =
            """
            WITH added AS (
              INSERT INTO messages (id, customer, channel, address, template, category, topic, priority,
                                    journey, journey_version, instance, step, variables, locale, fallbacks,
                                    requested_at, deadline, state, not_before)
              SELECT id, customer, channel, address, template, category, topic, priority,
                     journey, journey_version, instance, step, variables::jsonb, locale, fallbacks::jsonb,
                     requested_at, deadline, 'queued', $18
                FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                            $7::text[], $8::integer[], $9::text[], $10::integer[], $11::uuid[],
                            $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[],
                            $17::timestamptz[])
                     AS m(id, customer, channel, address, template, category, topic, priority,
                          journey, journey_version, instance, step, variables, locale, fallbacks,
                          requested_at, deadline)
              ON CONFLICT DO NOTHING
              RETURNING id, channel)
            INSERT INTO message_history (message, at, state, detail)
            SELECT id, $18, 'queued', jsonb_build_object('channel', channel) FROM added
            """;

    /**
     * By the primary keys; whether somebody has the address is also asked of the book, since she
     * may have got it back.
     */
    private static final String CLAIMED =
            """
            UPDATE messages m
               SET state = 'handing_over', claimed_by = $1, claimed_until = $2
              FROM due WHERE m.id = due.id
            RETURNING m.id, m.customer, m.channel, m.address, m.template, m.category, m.topic,
                      m.journey, m.journey_version, m.instance, m.step, m.variables::text AS variables,
                      m.locale, m.fallbacks::text AS fallbacks, m.deadline, m.attempts, m.claimed_until,
                      m.counted_at, due.lost_since,
                      EXISTS (SELECT FROM unlinked_addresses u
                               WHERE u.channel = m.channel AND u.address = m.address
                                 AND u.customer IN (m.customer, (SELECT survivor FROM customer_aliases
                                                                  WHERE merged = m.customer))
                                 AND NOT EXISTS (SELECT FROM address_book b
                                                  WHERE b.channel = u.channel AND b.address = u.address
                                                    AND b.customer = u.customer
                                                    AND b.version > u.version)) AS unlinked
            """;

    /** By the partial index messages_to_claim. */
    private static final String CLAIM =
            """
            WITH due AS (
              SELECT id, NULL::timestamptz AS lost_since FROM messages
               WHERE state = 'queued' AND channel = $5 AND not_before <= $3
               ORDER BY priority DESC, not_before
               LIMIT $4 FOR UPDATE SKIP LOCKED)
            """
                    + CLAIMED;

    /** By the partial index messages_overdue. */
    private static final String CLAIM_OVERDUE =
            """
            WITH due AS (
              SELECT id, NULL::timestamptz AS lost_since FROM messages
               WHERE state = 'queued' AND deadline <= $3
               ORDER BY deadline
               LIMIT $4 FOR UPDATE SKIP LOCKED)
            """
                    + CLAIMED;

    /** By the partial index messages_claimed. */
    private static final String CLAIM_ABANDONED =
            """
            WITH due AS (
              SELECT id, claimed_until - ($2::timestamptz - $3::timestamptz) AS lost_since FROM messages
               WHERE state = 'handing_over' AND claimed_until < $3
               ORDER BY claimed_until
               LIMIT $4 FOR UPDATE SKIP LOCKED)
            """
                    + CLAIMED;

    /**
     * By the primary key. An outcome counts while its claim does, which is known by when it ends:
     * this process may have claimed the message again itself. That a message was sent counts in any
     * case. One that turned out to be another customer's meanwhile has nothing left to fall back
     * to. Where it goes on another channel what it counts as on the first one stays, as at the
     * gate.
     */
    private static final String RECORD =
            """
            UPDATE messages m
               SET state = o.state, channel = o.channel, address = o.address, template = o.template,
                   fallbacks = CASE m.customer WHEN o.customer THEN o.fallbacks::jsonb ELSE '[]' END,
                   attempts = o.attempts, not_before = o.not_before,
                   route = coalesce(o.route, m.route),
                   verdicts = coalesce(o.verdicts::jsonb, m.verdicts),
                   policy_version = coalesce(o.policy_version, m.policy_version),
                   counted_at = greatest(o.counted_at, m.counted_at),
                   counted_on = CASE WHEN m.counted_on IS NOT NULL
                                       OR (m.counted_at IS NOT NULL AND m.channel <> o.channel)
                     THEN coalesce(m.counted_on, jsonb_build_object(m.channel, m.counted_at))
                          || CASE WHEN o.counted_at <> m.counted_at
                                  THEN jsonb_build_object(o.channel, o.counted_at) ELSE '{}' END END,
                   sent_at = CASE o.state WHEN 'sent' THEN o.at ELSE m.sent_at END,
                   claimed_by = NULL, claimed_until = NULL
              FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                          $7::integer[], $8::timestamptz[], $9::text[], $10::text[], $11::integer[],
                          $12::timestamptz[], $13::timestamptz[], $16::uuid[], $17::timestamptz[])
                   AS o(id, state, channel, address, template, fallbacks, attempts, not_before, route,
                        verdicts, policy_version, counted_at, at, customer, until)
             WHERE m.id = o.id
               AND ((m.state = 'handing_over' AND m.claimed_by = $14 AND m.claimed_until = o.until)
                    OR (o.state = 'sent' AND m.state = ANY($15)))
            RETURNING m.id
            """;

    private static final String HISTORY =
            """
            INSERT INTO message_history (message, at, state, detail)
            SELECT message, at, state, detail::jsonb
              FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[])
                   AS h(message, at, state, detail)
            """;

    private static final String PROVIDER_IDS =
            """
            INSERT INTO provider_ids (route, provider_id, message, part)
            SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::smallint[])
            ON CONFLICT (route, provider_id)
            DO UPDATE SET message = excluded.message, part = excluded.part, status = NULL, code = NULL
            """;

    /**
     * Of each category the newest contacts under each of a customer's ids that are told to the
     * gate; an address that gets a code every minute has a hundred thousand within the longest
     * window. It is as many as the gate keeps of a customer altogether ({@code MOST_CONTACTS} in
     * gate.lua), which forgets the oldest transactional ones first, then the oldest of service,
     * then of marketing: what it keeps is among these. A cap that allows more never refuses, as
     * before.
     */
    static final int MOST_CONTACTS_OF_A_CATEGORY = 4_000;

    private static final String[] CATEGORIES =
            Arrays.stream(Category.values()).map(Category::word).toArray(String[]::new);

    /**
     * Everybody who is one with the customers asked about (customer_aliases by both its indexes),
     * and their contacts (by messages_counted; those being handed over by messages_claimed). One
     * that counted before and is being handed over again is there twice, and one that counts on
     * several channels once for each.
     */
    private static final String CONTACTS =
            SamePeople.OF_TOLD
                    + """
                    SELECT p.customer, m.id, c.channel, m.category, m.topic, m.journey,
                           c.at::timestamptz AS at, true AS settled
                      FROM people p
                     CROSS JOIN unnest($5::text[]) AS kinds (category)
                     CROSS JOIN LATERAL (
                           SELECT id, channel, category, topic, journey, counted_at, counted_on
                             FROM messages
                            WHERE customer = p.person AND counted_at > $3 AND refunded_at IS NULL
                              AND category = kinds.category
                            ORDER BY counted_at DESC LIMIT $6) m
                     CROSS JOIN LATERAL jsonb_each_text(coalesce(
                             m.counted_on, jsonb_build_object(m.channel, m.counted_at))) AS c (channel, at)
                    UNION ALL
                    SELECT p.customer, m.id, m.channel, m.category, m.topic, m.journey, m.claimed_until, false
                      FROM people p JOIN messages m ON m.customer = p.person
                     WHERE m.state = 'handing_over' AND m.id <> ALL($4)
                    """;

    private static final String OPT_OUTS =
            SamePeople.OF_TOLD
                    + """
                    SELECT p.customer, o.channel, o.address, max(o.at) AS at
                      FROM people p JOIN opt_outs o ON o.customer = p.person
                     GROUP BY p.customer, o.channel, o.address
                    UNION
                    SELECT NULL, o.channel, o.address, max(o.at)
                      FROM people p
                      JOIN address_book b ON b.customer = p.person
                      JOIN opt_outs o ON o.channel = b.channel AND o.address = b.address
                     GROUP BY o.channel, o.address
                    """;

    /** What stands for the id of a part that left and was not answered. */
    private static final String UNANSWERED = "unanswered:";

    /** What stands for the id of a part that never left. */
    private static final String UNSENT = "unsent:";

    /** Where a process ended before it could tell which way it took. */
    private static final String NO_ROUTE = "";

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final TypeReference<List<Fallback>> FALLBACKS = new TypeReference<>() {};

    private final Pool pool;
    private final Transactions transactions;
    private final Outbox outbox;

    /** Stands in the claims of this process; another start is another claimant. */
    private final UUID claimant = UUID.randomUUID();

    SendLedger(Pool pool, Transactions transactions, Outbox outbox) {
        this.pool = pool;
        this.transactions = transactions;
        this.outbox = outbox;
    }

    /** Queues messages that were asked for, in the caller's transaction. */
    public Uni<Void> queue(SqlConnection tx, List<MessageRequested> requested, Instant now) {
        if (requested.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(INSERT).execute(columns(requested, now)).replaceWithVoid();
    }

    @Override
    public Uni<List<Claim>> claim(Channel channel, int most, Instant now, Instant until) {
        return claims(
                CLAIM,
                Tuple.of(claimant, Columns.time(until), Columns.time(now), most, channel.word()));
    }

    @Override
    public Uni<List<Claim>> claimOverdue(int most, Instant now, Instant until) {
        return claims(
                CLAIM_OVERDUE, Tuple.of(claimant, Columns.time(until), Columns.time(now), most));
    }

    @Override
    public Uni<List<Claim>> claimAbandoned(int most, Instant now, Instant until) {
        return claims(
                CLAIM_ABANDONED, Tuple.of(claimant, Columns.time(until), Columns.time(now), most));
    }

    private Uni<List<Claim>> claims(String query, Tuple parameters) {
        return pool.preparedQuery(query).execute(parameters).map(SendLedger::claims);
    }

    private static List<Claim> claims(RowSet<Row> rows) {
        List<Claim> claims = new ArrayList<>(rows.size());
        for (Row row : rows) {
            claims.add(
                    new Claim(
                            new MessageId(row.getUUID("id")),
                            new CustomerId(row.getUUID("customer")),
                            Channel.of(row.getString("channel")),
                            row.getString("address"),
                            row.getString("template"),
                            Category.of(row.getString("category")),
                            row.getString("topic"),
                            Columns.origin(row),
                            Columns.read(row.getString("variables"), OBJECT),
                            row.getString("locale"),
                            Columns.read(row.getString("fallbacks"), FALLBACKS),
                            Columns.instantOf(row, "deadline"),
                            row.getInteger("attempts"),
                            Columns.instantOf(row, "claimed_until"),
                            Columns.instant(row, "counted_at"),
                            Columns.instant(row, "lost_since"),
                            row.getBoolean("unlinked")));
        }
        return claims;
    }

    @Override
    public Uni<Void> record(List<Outcome> outcomes) {
        return transactions.inTransaction(tx -> record(tx, outcomes));
    }

    private Uni<Void> record(SqlConnection tx, List<Outcome> outcomes) {
        // Rows are locked in the order of their ids, so that two batches never wait in a circle.
        List<Outcome> ordered =
                outcomes.stream()
                        .sorted((a, b) ->
                                a.claim().message().value().compareTo(b.claim().message().value()))
                        .toList();
        return tx.preparedQuery(RECORD)
                .execute(changes(ordered))
                .chain(rows -> tellOf(tx, effective(ordered, rows)));
    }

    private static List<Outcome> effective(List<Outcome> outcomes, RowSet<Row> rows) {
        Set<UUID> changed = new HashSet<>();
        for (Row row : rows) {
            changed.add(row.getUUID("id"));
        }
        return outcomes.stream()
                .filter(outcome -> changed.contains(outcome.claim().message().value()))
                .toList();
    }

    private Uni<Void> tellOf(SqlConnection tx, List<Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<ContractEvent> events =
                outcomes.stream().flatMap(outcome -> Told.event(outcome).stream()).toList();
        return historyOf(tx, outcomes)
                .chain(() -> providerIds(tx, outcomes))
                .chain(() -> outbox.append(tx, events));
    }

    private static Uni<Void> historyOf(SqlConnection tx, List<Outcome> outcomes) {
        return history(
                tx,
                outcomes.stream()
                        .map(outcome ->
                                new HistoryRow(
                                        outcome.claim().message(),
                                        outcome.at(),
                                        outcome.state().word(),
                                        Told.detail(outcome)))
                        .toList());
    }

    /**
     * Something that became of a message, as {@code GET /api/messages/{id}} shows it.
     *
     * @param state the state it is in afterwards, or {@code opened}, {@code clicked}
     */
    record HistoryRow(MessageId message, Instant at, String state, Map<String, Object> detail) {}

    static Uni<Void> history(SqlConnection tx, List<HistoryRow> rows) {
        if (rows.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(HISTORY)
                .execute(
                        Tuple.of(
                                rows.stream().map(r -> r.message().value()).toArray(UUID[]::new),
                                rows.stream()
                                        .map(r -> Columns.time(r.at()))
                                        .toArray(OffsetDateTime[]::new),
                                rows.stream().map(HistoryRow::state).toArray(String[]::new),
                                rows.stream()
                                        .map(r -> Columns.json(r.detail()))
                                        .toArray(String[]::new)))
                .replaceWithVoid();
    }

    private static Uni<Void> providerIds(SqlConnection tx, List<Outcome> outcomes) {
        // A carrier that gives the same id twice in one batch means the later message.
        Map<List<String>, Object[]> rows = new LinkedHashMap<>();
        for (Outcome outcome : outcomes) {
            switch (outcome) {
                case Outcome.Sent sent -> addParts(rows, outcome, sent.route(), sent.providerIds());
                case Outcome.Unknown unknown ->
                        addParts(
                                rows,
                                outcome,
                                unknown.route() == null ? NO_ROUTE : unknown.route(),
                                parts(unknown.claim().message(), unknown.answer()));
                case Outcome.Failed _,
                        Outcome.Suppressed _,
                        Outcome.Requeued _,
                        Outcome.Rerouted _ -> {}
            }
        }
        if (rows.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(PROVIDER_IDS)
                .execute(
                        Tuple.of(
                                rows.keySet().stream().map(k -> k.get(0)).toArray(String[]::new),
                                rows.keySet().stream().map(k -> k.get(1)).toArray(String[]::new),
                                rows.values().stream().map(v -> (UUID) v[0]).toArray(UUID[]::new),
                                rows.values().stream()
                                        .map(v -> (Short) v[1])
                                        .toArray(Short[]::new)))
                .replaceWithVoid();
    }

    private static void addParts(
            Map<List<String>, Object[]> rows, Outcome outcome, String route, List<String> ids) {
        short part = 1;
        for (String id : ids) {
            rows.put(List.of(route, id), new Object[] {outcome.claim().message().value(), part++});
        }
    }

    /**
     * A part without an id has a place of its own, so that nobody takes the others for the whole.
     */
    private static List<String> parts(MessageId message, HandOver.Unknown answer) {
        List<String> parts = new ArrayList<>(answer.providerIds());
        for (int i = 0; i < answer.unanswered(); i++) {
            parts.add(UNANSWERED + message + "/" + (parts.size() + 1));
        }
        for (int i = 0; i < answer.unsent(); i++) {
            parts.add(UNSENT + message + "/" + (parts.size() + 1));
        }
        return parts;
    }

    @Override
    public Uni<List<CustomerHistory>> contacts(
            People people, Instant since, Set<MessageId> unasked) {
        return contacts(pool, people, since, unasked);
    }

    /** The same as the caller's transaction sees it. */
    public Uni<List<CustomerHistory>> contacts(
            SqlClient client, People people, Instant since, Set<MessageId> unasked) {
        Pairs pairs = Pairs.of(people);
        return client.preparedQuery(CONTACTS)
                .execute(
                        Tuple.of(
                                pairs.customers(),
                                pairs.persons(),
                                Columns.time(since),
                                unasked.stream().map(MessageId::value).toArray(UUID[]::new),
                                CATEGORIES,
                                MOST_CONTACTS_OF_A_CATEGORY))
                .map(rows -> contacts(people.customers(), since, rows));
    }

    private static List<CustomerHistory> contacts(
            Set<CustomerId> customers, Instant since, RowSet<Row> rows) {
        Map<CustomerId, List<CustomerHistory.Contact>> found = new LinkedHashMap<>();
        customers.forEach(customer -> found.put(customer, new ArrayList<>()));
        for (Row row : rows) {
            List<CustomerHistory.Contact> contacts =
                    found.get(new CustomerId(row.getUUID("customer")));
            if (contacts != null) {
                contacts.add(
                        new CustomerHistory.Contact(
                                new MessageId(row.getUUID("id")),
                                Channel.of(row.getString("channel")),
                                Category.of(row.getString("category")),
                                row.getString("topic"),
                                row.getString("journey"),
                                Columns.instantOf(row, "at"),
                                row.getBoolean("settled")));
            }
        }
        List<CustomerHistory> histories = new ArrayList<>();
        found.forEach((customer, contacts) ->
                histories.add(new CustomerHistory.Contacts(customer, since, contacts)));
        return histories;
    }

    @Override
    public Uni<List<ConsentWrite>> optOuts(People people) {
        return optOuts(pool, people);
    }

    /** The same as the caller's transaction sees it. */
    public Uni<List<ConsentWrite>> optOuts(SqlClient client, People people) {
        Pairs pairs = Pairs.of(people);
        return client.preparedQuery(OPT_OUTS)
                .execute(Tuple.of(pairs.customers(), pairs.persons()))
                .map(SendLedger::optOuts);
    }

    private static List<ConsentWrite> optOuts(RowSet<Row> rows) {
        List<ConsentWrite> optOuts = new ArrayList<>(rows.size());
        for (Row row : rows) {
            UUID customer = row.getUUID("customer");
            optOuts.add(
                    new ConsentWrite(
                            customer == null ? null : new CustomerId(customer),
                            row.getString("address"),
                            Channel.of(row.getString("channel")),
                            null,
                            ConsentState.OPTED_OUT,
                            Columns.instantOf(row, "at")));
        }
        return optOuts;
    }

    /** As {@link SamePeople#OF_TOLD} takes them. */
    private record Pairs(List<CustomerId> of, List<CustomerId> ids) {

        static Pairs of(People people) {
            Pairs pairs = new Pairs(new ArrayList<>(), new ArrayList<>());
            people.idsOf()
                    .forEach((customer, ids) ->
                            ids.forEach(id -> {
                                pairs.of.add(customer);
                                pairs.ids.add(id);
                            }));
            return pairs;
        }

        UUID[] customers() {
            return of.stream().map(CustomerId::value).toArray(UUID[]::new);
        }

        UUID[] persons() {
            return ids.stream().map(CustomerId::value).toArray(UUID[]::new);
        }
    }

    private static Tuple columns(List<MessageRequested> requested, Instant now) {
        int size = requested.size();
        UUID[] ids = new UUID[size];
        UUID[] customers = new UUID[size];
        String[] channels = new String[size];
        String[] addresses = new String[size];
        String[] templates = new String[size];
        String[] categories = new String[size];
        @Nullable String[] topics = new String[size];
        Integer[] priorities = new Integer[size];
        @Nullable String[] journeys = new String[size];
        @Nullable Integer[] versions = new Integer[size];
        @Nullable UUID[] instances = new UUID[size];
        @Nullable String[] steps = new String[size];
        String[] variables = new String[size];
        @Nullable String[] locales = new String[size];
        String[] fallbacks = new String[size];
        @Nullable OffsetDateTime[] requestedAt = new OffsetDateTime[size];
        @Nullable OffsetDateTime[] deadlines = new OffsetDateTime[size];
        for (int i = 0; i < size; i++) {
            MessageRequested message = requested.get(i);
            ids[i] = message.message().value();
            customers[i] = message.customer().value();
            channels[i] = message.channel().word();
            addresses[i] = message.to();
            templates[i] = message.template();
            categories[i] = message.category().word();
            topics[i] = message.topic();
            priorities[i] = message.priority();
            if (message.origin() != null) {
                journeys[i] = message.origin().journey();
                versions[i] = message.origin().version();
                instances[i] = message.origin().instance();
                steps[i] = message.origin().step();
            }
            variables[i] = Columns.json(message.variables());
            locales[i] = message.locale();
            fallbacks[i] = Columns.json(message.fallbacks());
            requestedAt[i] = Columns.time(message.requestedAt());
            deadlines[i] = Columns.time(message.deadline());
        }
        return Tuple.tuple()
                .addArrayOfUUID(ids)
                .addArrayOfUUID(customers)
                .addArrayOfString(channels)
                .addArrayOfString(addresses)
                .addArrayOfString(templates)
                .addArrayOfString(categories)
                .addArrayOfString(topics)
                .addArrayOfInteger(priorities)
                .addArrayOfString(journeys)
                .addArrayOfInteger(versions)
                .addArrayOfUUID(instances)
                .addArrayOfString(steps)
                .addArrayOfString(variables)
                .addArrayOfString(locales)
                .addArrayOfString(fallbacks)
                .addArrayOfOffsetDateTime(requestedAt)
                .addArrayOfOffsetDateTime(deadlines)
                .addOffsetDateTime(Columns.time(now));
    }

    private Tuple changes(List<Outcome> outcomes) {
        int size = outcomes.size();
        UUID[] ids = new UUID[size];
        String[] states = new String[size];
        String[] channels = new String[size];
        String[] addresses = new String[size];
        String[] templates = new String[size];
        String[] fallbacks = new String[size];
        Integer[] attempts = new Integer[size];
        @Nullable OffsetDateTime[] notBefore = new OffsetDateTime[size];
        @Nullable String[] routes = new String[size];
        @Nullable String[] verdicts = new String[size];
        @Nullable Integer[] policies = new Integer[size];
        @Nullable OffsetDateTime[] countedAt = new OffsetDateTime[size];
        @Nullable OffsetDateTime[] at = new OffsetDateTime[size];
        UUID[] customers = new UUID[size];
        @Nullable OffsetDateTime[] untils = new OffsetDateTime[size];
        for (int i = 0; i < size; i++) {
            Change change = Change.of(outcomes.get(i));
            ids[i] = outcomes.get(i).claim().message().value();
            states[i] = outcomes.get(i).state().word();
            channels[i] = change.to().channel().word();
            addresses[i] = change.to().to();
            templates[i] = change.to().template();
            fallbacks[i] = Columns.json(change.fallbacks());
            attempts[i] = change.attempts();
            notBefore[i] = Columns.time(change.notBefore());
            routes[i] = change.route();
            if (!change.ruling().verdicts().isEmpty()) {
                verdicts[i] = Columns.json(change.ruling().verdicts());
                policies[i] = change.ruling().policyVersion();
            }
            countedAt[i] = Columns.time(change.countedAt());
            at[i] = Columns.time(outcomes.get(i).at());
            customers[i] = outcomes.get(i).claim().customer().value();
            untils[i] = Columns.time(outcomes.get(i).claim().until());
        }
        return Tuple.tuple()
                .addArrayOfUUID(ids)
                .addArrayOfString(states)
                .addArrayOfString(channels)
                .addArrayOfString(addresses)
                .addArrayOfString(templates)
                .addArrayOfString(fallbacks)
                .addArrayOfInteger(attempts)
                .addArrayOfOffsetDateTime(notBefore)
                .addArrayOfString(routes)
                .addArrayOfString(verdicts)
                .addArrayOfInteger(policies)
                .addArrayOfOffsetDateTime(countedAt)
                .addArrayOfOffsetDateTime(at)
                .addUUID(claimant)
                .addArrayOfString(MessageState.SENT.predecessors().toArray(String[]::new))
                .addArrayOfUUID(customers)
                .addArrayOfOffsetDateTime(untils);
    }

    /** An outcome as columns. */
    private record Change(
            Fallback to,
            List<Fallback> fallbacks,
            int attempts,
            Instant notBefore,
            @Nullable String route,
            Outcome.Ruling ruling,
            @Nullable Instant countedAt) {

        static Change of(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Sent sent ->
                        staying(outcome, sent.route(), sent.ruling(), sent.countedAt());
                case Outcome.Failed failed ->
                        staying(outcome, failed.route(), failed.ruling(), null);
                case Outcome.Unknown unknown ->
                        staying(outcome, unknown.route(), unknown.ruling(), unknown.countedAt());
                case Outcome.Suppressed suppressed ->
                        staying(outcome, null, suppressed.ruling(), null);
                case Outcome.Requeued requeued ->
                        new Change(
                                where(outcome.claim()),
                                outcome.claim().fallbacks(),
                                requeued.attempts(),
                                requeued.notBefore(),
                                null,
                                Outcome.Ruling.NONE,
                                requeued.charge() == Outcome.Charge.KEPT ? requeued.at() : null);
                case Outcome.Rerouted rerouted ->
                        new Change(
                                rerouted.to(),
                                rerouted.remaining(),
                                0,
                                rerouted.at(),
                                null,
                                rerouted.ruling(),
                                null);
            };
        }

        private static Change staying(
                Outcome outcome,
                @Nullable String route,
                Outcome.Ruling ruling,
                @Nullable Instant countedAt) {
            Claim claim = outcome.claim();
            return new Change(
                    where(claim),
                    claim.fallbacks(),
                    claim.attempts(),
                    outcome.at(),
                    route,
                    ruling,
                    countedAt);
        }

        private static Fallback where(Claim claim) {
            return new Fallback(claim.channel(), claim.to(), claim.template());
        }
    }
}
