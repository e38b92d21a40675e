package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.identity.store.CustomerReader;
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
        return CameSecond.again(() -> once(asked), CameSecond.TRIES);
    }

    private Uni<Hydrated> once(List<CustomerId> asked) {
        return customers
                .current(asked)
                .chain(current ->
                        give(current.values().stream().distinct().sorted().toList())
                                .map(given ->
                                        new Hydrated(
                                                unknown(asked, current), idsOf(current, given))));
    }

    private Uni<List<CustomerHistory>> give(List<CustomerId> known) {
        return known.isEmpty()
                ? Uni.createFrom().item(List.of())
                : transactions.inTransaction(tx ->
                        customers
                                .permissions(tx, known)
                                .chain(histories ->
                                        gate.hydrate(histories)
                                                .onFailure()
                                                .transform(Hydration::away)
                                                .replaceWith(histories)));
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
