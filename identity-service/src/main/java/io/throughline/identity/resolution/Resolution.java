package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rule of resolution. The identifiers of an event are followed strongest first; each joins the
 * customer that holds it, unless that would put two different user ids into one customer.
 *
 * <table>
 * <caption>What becomes of an identifier, by who holds it</caption>
 * <tr><th>held by</th><th>user ids so far and of the holder</th><th>outcome</th></tr>
 * <tr><td>nobody</td><td>any</td><td>it goes to the event's customer</td></tr>
 * <tr><td>the event's customer</td><td>any</td><td>nothing changes</td></tr>
 * <tr><td>another customer</td><td>at most one, or the same</td><td>the two merge, the oldest
 * survives</td></tr>
 * <tr><td>another customer</td><td>two that differ</td><td>refused: it stays where it is (a shared
 * tablet, a family's phone)</td></tr>
 * </table>
 *
 * <p>Where nothing is refused the customers are the connected components of the identifiers, and so
 * do not depend on the order of events.
 *
 * @param refused links that were not made
 */
public record Resolution(Outcome outcome, List<Refused> refused) {

    static final String TWO_USER_IDS = "both have a user_id, and they differ";

    /**
     * @param identifiers strongest first, at least one, at most one user id among them
     * @param holder who holds an identifier today
     */
    public static Resolution of(
            List<Identifier> identifiers, Function<Identifier, @Nullable Match> holder) {
        SortedSet<CustomerId> joined = new TreeSet<>();
        Set<String> userIds = new LinkedHashSet<>();
        List<Identifier> attached = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        for (Identifier identifier : identifiers) {
            Match match = holder.apply(identifier);
            if (match == null) {
                attached.add(identifier);
                if (identifier.type().equals(Identifier.USER_ID)) {
                    userIds.add(identifier.value());
                }
            } else if (joined.contains(match.customer()) || agree(userIds, match.userIds())) {
                joined.add(match.customer());
                userIds.addAll(match.userIds());
            } else {
                refused.add(new Refused(identifier, match.customer(), TWO_USER_IDS));
            }
        }
        return new Resolution(outcome(joined, attached), refused);
    }

    private static boolean agree(Set<String> a, Set<String> b) {
        return a.isEmpty() || b.isEmpty() || a.equals(b);
    }

    private static Outcome outcome(SortedSet<CustomerId> joined, List<Identifier> attached) {
        return switch (joined.size()) {
            case 0 -> new Outcome.Create(attached);
            case 1 -> new Outcome.Attach(joined.getFirst(), attached);
            default ->
                    new Outcome.Merge(
                            joined.getFirst(),
                            List.copyOf(joined).subList(1, joined.size()),
                            attached);
        };
    }
}
