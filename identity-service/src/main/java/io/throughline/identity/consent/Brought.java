package io.throughline.identity.consent;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.ConsentFold.Merge;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * A merge and the identifiers that whoever was merged away held.
 *
 * @param identifiers which the survivor did not have before
 */
public record Brought(Merge merge, List<Identifier> identifiers) {

    /** Whether only some of them came by it, so that they were two customers' before. */
    boolean joins(Collection<Identifier> all) {
        return !Collections.disjoint(identifiers, all) && !identifiers.containsAll(all);
    }

    /**
     * Whether whoever said it had the identifier then, or whoever she has become one with since: a
     * merge brings it to the other side from then on. Of merges of others, from before she was
     * taken apart from one of them, what she brought herself decides.
     */
    static boolean had(
            Said said, Identifier identifier, List<Merge> merges, List<Brought> brought) {
        List<Merge> bringing =
                brought.stream()
                        .filter(one -> one.identifiers.contains(identifier))
                        .map(Brought::merge)
                        .toList();
        boolean hers = bringing.stream().anyMatch(m -> before(said, m, merges).equals(m.merged()));
        return bringing.stream()
                .allMatch(merge -> {
                    CustomerId who = before(said, merge, merges);
                    return said.recordedAt().isAfter(merge.at())
                            || who.equals(merge.merged())
                            || (hers && !who.equals(merge.survivor()));
                });
    }

    /**
     * Who, of those who are one by now, had the identifier at a time.
     *
     * @param customer who they are
     */
    public static CustomerId whoHad(
            CustomerId customer, Identifier identifier, Instant at, List<Brought> brought) {
        return brought.stream()
                .filter(one -> one.identifiers.contains(identifier) && one.merge().at().isAfter(at))
                .map(Brought::merge)
                .min(Comparator.comparing(Merge::at))
                .map(Merge::merged)
                .orElse(customer);
    }

    /** Who she was when the two became one. */
    private static CustomerId before(Said said, Merge merge, List<Merge> merges) {
        return ConsentFold.whoWas(said.customer(), merge.at().minusNanos(1), merges);
    }
}
