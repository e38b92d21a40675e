package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.identity.store.ConcurrentChange;
import io.throughline.identity.store.CustomerReader;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives the gate what the ledgers know (promise P7). Reading and giving happen under the customers'
 * locks, which every consent takes too: else an opt-out could come into force, Redis lose it, and
 * what was read before it call the customer known again.
 */
@ApplicationScoped
public class Hydration {

    private final Transactions transactions;
    private final CustomerReader customers;
    private final ContactGate gate;

    Hydration(Transactions transactions, CustomerReader customers, ContactGate gate) {
        this.transactions = transactions;
        this.customers = customers;
        this.gate = gate;
    }

    /**
     * Who was hydrated.
     *
     * @param unknown the ids of nobody
     * @param idsOf of each that was asked for and is, or was, more than one customer, all the ids
     *     that are hers by now
     */
    public record Hydrated(List<CustomerId> unknown, Map<CustomerId, Set<CustomerId>> idsOf) {}

    /** Hydrates customers; an id that was merged away stands for the customer it became. */
    public Uni<Hydrated> hydrate(List<CustomerId> asked) {
        return CameSecond.again(
                () ->
                        customers
                                .current(asked)
                                .chain(current ->
                                        current.isEmpty()
                                                ? nobody(asked)
                                                : transactions.inTransaction(
                                                        tx -> give(tx, asked, current))),
                CameSecond.TRIES);
    }

    /**
     * The same in the caller's transaction, which has to be done again where somebody else came
     * first.
     */
    public Uni<Hydrated> hydrate(SqlConnection tx, List<CustomerId> asked) {
        return customers
                .current(tx, asked)
                .chain(current -> give(tx, asked, current))
                .onFailure(ConcurrentChange.class)
                .transform(lost -> new SurroundingsFault("somebody else came first", lost));
    }

    private Uni<Hydrated> give(
            SqlConnection tx, List<CustomerId> asked, Map<CustomerId, CustomerId> current) {
        List<CustomerId> known = current.values().stream().distinct().sorted().toList();
        return known.isEmpty()
                ? nobody(asked)
                : customers
                        .permissions(tx, known)
                        .chain(histories ->
                                gate.hydrate(histories)
                                        .onFailure()
                                        .transform(Hydration::away)
                                        .replaceWith(() ->
                                                new Hydrated(
                                                        unknown(asked, current),
                                                        idsOf(current, histories))));
    }

    private static Uni<Hydrated> nobody(List<CustomerId> asked) {
        return Uni.createFrom().item(new Hydrated(asked, Map.of()));
    }

    private static Throwable away(Throwable failure) {
        return new SurroundingsFault("the gate did not answer", failure);
    }

    private static List<CustomerId> unknown(
            List<CustomerId> asked, Map<CustomerId, CustomerId> current) {
        return asked.stream().filter(id -> !current.containsKey(id)).toList();
    }

    private static Map<CustomerId, Set<CustomerId>> idsOf(
            Map<CustomerId, CustomerId> current, List<CustomerHistory> given) {
        Map<CustomerId, Set<CustomerId>> ids = Ledgers.idsOf(given);
        Map<CustomerId, Set<CustomerId>> asked = new HashMap<>();
        current.forEach((id, now) -> {
            Set<CustomerId> hers = ids.get(now);
            if (hers != null) {
                asked.put(id, hers);
            }
        });
        return asked;
    }
}
