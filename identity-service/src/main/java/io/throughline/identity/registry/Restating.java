package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.governance.ContactGate;
import io.throughline.identity.store.PermissionStore;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * Tells the gate whose permissions are whose after a split, once that is committed: what it takes
 * back of the copied restrictions must not rest on a transaction that may still fail. Under the
 * customers' locks, so that nothing can be said between reading and stating.
 */
@ApplicationScoped
class Restating {

    private static final Logger LOG = Logger.getLogger(Restating.class);
    private static final long EVERY_MILLIS = 200;
    private static final int AT_ONCE = 100;

    private final Transactions transactions;
    private final PermissionStore permissions;
    private final Ledgers ledgers;
    private final ContactGate gate;
    private final Vertx vertx;

    Restating(
            Transactions transactions,
            PermissionStore permissions,
            Ledgers ledgers,
            ContactGate gate,
            Vertx vertx) {
        this.transactions = transactions;
        this.permissions = permissions;
        this.ledgers = ledgers;
        this.gate = gate;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        Recurring.every(
                EVERY_MILLIS,
                vertx,
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
