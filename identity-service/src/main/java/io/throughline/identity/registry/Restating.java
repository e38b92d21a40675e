package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.chassis.time.Recurring;
import io.throughline.governance.ContactGate;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Tells the gate whose permissions are whose after a split, once that is committed: what it takes
 * back of the copied restrictions must not rest on a transaction that may still fail. Under the
 * customers' locks, so that nothing can be said between reading and stating.
 */
@ApplicationScoped
class Restating {

    private static final Logger LOG = Logger.getLogger(Restating.class);
    private static final Duration EVERY = Duration.ofMillis(200);
    private static final int AT_ONCE = 100;

    private final Transactions transactions;
    private final PermissionStore permissions;
    private final Ledgers ledgers;
    private final ContactGate gate;
    private final Recurring recurring;

    Restating(
            Transactions transactions,
            PermissionStore permissions,
            Ledgers ledgers,
            ContactGate gate,
            Recurring recurring) {
        this.transactions = transactions;
        this.permissions = permissions;
        this.ledgers = ledgers;
        this.gate = gate;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(
                EVERY,
                LOG,
                "permissions cannot be stated anew",
                () -> transactions.inTransaction(this::restate));
    }

    private Uni<Void> restate(SqlConnection tx) {
        return permissions
                .toRestate(tx, AT_ONCE)
                .chain(due ->
                        due.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : gate.restate(
                                                due.keySet(),
                                                asked -> ledgers.permissions(tx, asked))
                                        .chain(() -> permissions.restated(tx, due)));
    }
}
