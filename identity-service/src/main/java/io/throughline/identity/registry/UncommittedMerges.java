package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/**
 * The gate hears of a merge before it is committed, so that it is never looser than the ledger.
 * Where it then is not committed, nor tried again, the gate would take two customers for one for
 * good: what such a merge left is stated anew. A process that is killed in that moment forgets
 * which it was; {@code rebuild-gate} finds it.
 */
@ApplicationScoped
public class UncommittedMerges {

    private static final Logger LOG = Logger.getLogger(UncommittedMerges.class);
    private static final Duration EVERY = Duration.ofSeconds(5);

    /** By then a transaction has ended, and what is tried again has been. */
    private static final Duration ENDED = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final PermissionStore permissions;
    private final InstantSource clock;
    private final Recurring recurring;
    private final Queue<Begun> begun = new ConcurrentLinkedQueue<>();

    UncommittedMerges(
            Transactions transactions,
            PermissionStore permissions,
            InstantSource clock,
            Recurring recurring) {
        this.transactions = transactions;
        this.permissions = permissions;
        this.clock = clock;
        this.recurring = recurring;
    }

    private record Begun(CustomerId survivor, CustomerId merged, Instant at) {}

    void start(@Observes StartupEvent event) {
        recurring.every(
                EVERY,
                LOG,
                "merges cannot be looked at",
                () -> lookAt(clock.instant().minus(ENDED)));
    }

    /** The gate is about to hear of these. */
    public void begin(List<Changes.Merged> merges) {
        Instant now = clock.instant();
        merges.forEach(merge -> begun.add(new Begun(merge.survivor(), merge.merged(), now)));
    }

    /** Has those stated anew that began before and are no merges in the ledger. */
    public Uni<Void> lookAt(Instant before) {
        List<Begun> ended = new ArrayList<>();
        for (Begun merge = begun.peek();
                merge != null && !merge.at().isAfter(before);
                merge = begun.peek()) {
            ended.add(begun.remove());
        }
        return ended.isEmpty()
                ? Uni.createFrom().voidItem()
                : transactions
                        .inTransaction(tx -> restate(tx, ended))
                        .onFailure()
                        .invoke(() -> begun.addAll(ended));
    }

    private Uni<Void> restate(SqlConnection tx, List<Begun> ended) {
        return permissions
                .unmerged(tx, ended.stream().map(Begun::merged).distinct().sorted().toList())
                .chain(apart -> {
                    Set<CustomerId> customers = new HashSet<>(apart);
                    for (Begun merge : ended) {
                        if (apart.contains(merge.merged())) {
                            customers.add(merge.survivor());
                        }
                    }
                    return permissions.restate(tx, customers.stream().sorted().toList());
                });
    }
}
