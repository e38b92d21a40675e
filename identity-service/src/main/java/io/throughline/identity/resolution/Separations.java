package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Pairs of identifiers that are never one customer's, because somebody took them apart. */
public final class Separations {

    public static final Separations NONE = new Separations(Set.of());

    /** Two identifiers, in either order. */
    public record Pair(Identifier one, Identifier other) {}

    private final Map<Identifier, Set<Identifier>> apart = new HashMap<>();

    public Separations(Collection<Pair> pairs) {
        for (Pair pair : pairs) {
            apart.computeIfAbsent(pair.one(), i -> new HashSet<>()).add(pair.other());
            apart.computeIfAbsent(pair.other(), i -> new HashSet<>()).add(pair.one());
        }
    }

    /** These and more. */
    Separations with(Collection<Pair> pairs) {
        Separations more = new Separations(pairs);
        apart.forEach((identifier, from) ->
                more.apart.computeIfAbsent(identifier, i -> new HashSet<>()).addAll(from));
        return more;
    }

    /** Whether any of the one side was taken apart from any of the other. */
    boolean between(Collection<Identifier> one, Collection<Identifier> other) {
        if (apart.isEmpty()) {
            return false;
        }
        for (Identifier identifier : one) {
            Set<Identifier> from = apart.get(identifier);
            if (from != null && other.stream().anyMatch(from::contains)) {
                return true;
            }
        }
        return false;
    }
}
