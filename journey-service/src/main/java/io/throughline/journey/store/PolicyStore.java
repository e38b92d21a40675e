package io.throughline.journey.store;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ContactPolicyPublished;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

/** The versions of the contact policy. Each is published as it is stored. */
@ApplicationScoped
public class PolicyStore {

    // Index: contact_policies_pkey.
    private static final String FIRST =
            """
            INSERT INTO contact_policies (version, document, created_at)
            SELECT $1, $2, $3
             WHERE NOT EXISTS (SELECT FROM contact_policies)
            ON CONFLICT (version) DO NOTHING
            """;

    private static final int MOST_TRIES = 10;

    private final Transactions transactions;
    private final Outbox outbox;
    private final InstantSource clock;

    PolicyStore(Transactions transactions, Outbox outbox, InstantSource clock) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** The policy in force; the initial one before any was stored. */
    public Uni<ContactPolicy> current() {
        return Panache.withSession(PolicyStore::latest);
    }

    /**
     * Stores the next version and puts it in force.
     *
     * @param change makes the new policy of the one in force; may refuse with a {@link Problem};
     *     asked again where somebody else put one in force meanwhile
     * @throws Problem 409 when others are faster again and again
     */
    public Uni<ContactPolicy> change(UnaryOperator<ContactPolicy> change) {
        return Uni.createFrom()
                .deferred(
                        () -> Panache.withTransaction(() -> latest().map(change).chain(this::add)))
                .onFailure(ConstraintViolationException.class)
                .retry()
                .atMost(MOST_TRIES)
                .invoke(outbox::wake)
                .onFailure(ConstraintViolationException.class)
                .transform(failure ->
                        Problem.conflict(
                                "the contact policy was changed by somebody else at the same time"));
    }

    /** Stores a policy as the first one, unless there is one. */
    public Uni<Void> begin(ContactPolicy initial) {
        return transactions.inTransaction(tx -> addFirst(tx, initial));
    }

    private Uni<Void> addFirst(SqlConnection tx, ContactPolicy initial) {
        Instant now = clock.instant();
        return tx.preparedQuery(FIRST)
                .execute(Tuple.of(initial.version(), Json.write(initial), Columns.utc(now)))
                .chain(rows ->
                        rows.rowCount() == 0
                                ? Uni.createFrom().voidItem()
                                : outbox.append(
                                        tx, List.of(new ContactPolicyPublished(initial, now))));
    }

    private Uni<ContactPolicy> add(ContactPolicy policy) {
        Instant now = clock.instant();
        PolicyRow row = new PolicyRow();
        row.version = policy.version();
        row.document = Json.write(policy);
        row.createdAt = now;
        return row.<PolicyRow>persistAndFlush()
                .chain(Panache::getSession)
                .chain(session ->
                        outbox.append(session, List.of(new ContactPolicyPublished(policy, now))))
                .replaceWith(policy);
    }

    private static Uni<ContactPolicy> latest() {
        return PolicyRow.<PolicyRow>findAll(Sort.descending("version"))
                .firstResult()
                .map(PolicyStore::policy);
    }

    private static ContactPolicy policy(@Nullable PolicyRow row) {
        return row == null ? ContactPolicy.initial() : Json.read(row.document, ContactPolicy.class);
    }
}
