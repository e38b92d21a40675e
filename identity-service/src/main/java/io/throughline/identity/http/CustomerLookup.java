package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.store.CustomerReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** Whom an id in a path stands for. */
@ApplicationScoped
class CustomerLookup {

    private static final int GONE = 410;

    private final CustomerReader customers;

    CustomerLookup(CustomerReader customers) {
        this.customers = customers;
    }

    /**
     * Who the customer is by now.
     *
     * @throws Problem (as a failure) 404 where nobody ever had the id, 410 where she was erased
     */
    Uni<CustomerId> current(String id) {
        CustomerId asked = id(id);
        return customers
                .current(List.of(asked))
                .chain(current -> {
                    CustomerId found = current.get(asked);
                    return found == null ? nobody(asked) : Uni.createFrom().item(found);
                });
    }

    /** A customer's id and those that were merged into her. */
    Uni<List<CustomerId>> everyIdOf(CustomerId customer) {
        return customers
                .aliases(customer)
                .map(aliases -> {
                    List<CustomerId> ids = new ArrayList<>(aliases);
                    ids.add(customer);
                    return ids;
                });
    }

    private Uni<CustomerId> nobody(CustomerId asked) {
        return customers
                .erasedAt(asked)
                .map(erasedAt -> {
                    throw erasedAt == null
                            ? Problem.notFound("there is no customer " + asked)
                            : Problem.of(
                                    GONE,
                                    "erased",
                                    "customer " + asked + " was erased at " + erasedAt,
                                    List.of());
                });
    }

    /**
     * @throws Problem 400 where the text is no UUID
     */
    static CustomerId id(String text) {
        try {
            return CustomerId.of(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest("id", "expected a UUID");
        }
    }
}
