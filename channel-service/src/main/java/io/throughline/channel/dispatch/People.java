package io.throughline.channel.dispatch;

import io.throughline.contracts.CustomerId;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Customers that are asked about, each with the ids that identity says are hers too. We may not
 * have read of all of them yet.
 *
 * @param idsOf at least her own, under the id asked by
 */
public record People(Map<CustomerId, Set<CustomerId>> idsOf) {

    /** Each known by the id asked by alone. */
    public static People of(Set<CustomerId> customers) {
        return new People(
                customers.stream()
                        .collect(
                                Collectors.toMap(
                                        c -> c, Set::of, (one, same) -> one, LinkedHashMap::new)));
    }

    /**
     * @param told of some of them the ids that are hers
     */
    public People and(Map<CustomerId, Set<CustomerId>> told) {
        Map<CustomerId, Set<CustomerId>> all = new LinkedHashMap<>(idsOf);
        all.replaceAll((customer, ids) -> {
            Set<CustomerId> hers = new LinkedHashSet<>(ids);
            hers.addAll(told.getOrDefault(customer, Set.of()));
            return hers;
        });
        return new People(all);
    }

    public Set<CustomerId> customers() {
        return idsOf.keySet();
    }
}
