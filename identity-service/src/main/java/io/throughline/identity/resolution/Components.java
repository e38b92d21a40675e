package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sightings that identifiers connect, whether or not rules refuse the links: what has to be decided
 * together.
 */
final class Components {

    private Components() {}

    /**
     * @param shared identifiers that connect nobody
     */
    static List<List<Sighting>> of(
            Collection<Sighting> sightings, Set<Identifier> shared, RulesInForce rules) {
        Map<Identifier, Integer> first = new HashMap<>();
        List<Sighting> all = List.copyOf(sightings);
        int[] leads = new int[all.size()];
        for (int i = 0; i < leads.length; i++) {
            leads[i] = i;
            for (Identifier identifier : rules.joining(all.get(i).evidence())) {
                if (!shared.contains(identifier)) {
                    Integer other = first.putIfAbsent(identifier, i);
                    if (other != null) {
                        leads[root(leads, i)] = root(leads, other);
                    }
                }
            }
        }
        Map<Integer, List<Sighting>> components = new LinkedHashMap<>();
        for (int i = 0; i < leads.length; i++) {
            components.computeIfAbsent(root(leads, i), r -> new ArrayList<>()).add(all.get(i));
        }
        return List.copyOf(components.values());
    }

    private static int root(int[] leads, int of) {
        int root = of;
        while (leads[root] != root) {
            leads[root] = leads[leads[root]];
            root = leads[root];
        }
        return root;
    }
}
