package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How far what was loaded reaches by the rules it is decided by: whoever is connected with it has
 * to be loaded too, or an identifier would go from one customer to another whom nobody looked at.
 *
 * <p>While rules stay as they are, customers' components say it all. Other rules connect what the
 * components do not: a value that joined nobody stands nowhere, or where it was last held.
 */
public final class Reach {

    private final Set<CustomerId> whole;
    private final Directory.Before before;
    private final RulesInForce rules;
    private final Set<Identifier> named;
    private final Collection<Identifier> asked;

    /**
     * @param whole customers of whom all sightings were loaded
     * @param asked identifiers that the unit of work connects by itself
     */
    public Reach(
            Set<CustomerId> whole,
            Collection<Identifier> asked,
            Directory.Before before,
            RulesInForce rules) {
        this.whole = whole;
        this.before = before;
        this.rules = rules;
        this.asked = asked;
        this.named = new HashSet<>(asked);
        before.sightings().stream()
                .filter(this::isWhole)
                .forEach(known -> named.addAll(known.sighting().evidence().identifiers()));
    }

    /**
     * Customers that stand in what was loaded and were not loaded whole. Mostly there are none, and
     * then no rule is asked.
     */
    public Set<CustomerId> missing() {
        Set<Identifier> astray = astray();
        if (astray.isEmpty()) {
            return Set.of();
        }
        astray.retainAll(connecting());
        Set<CustomerId> missing = new HashSet<>();
        for (Identifier identifier : astray) {
            Standing standing = before.identifiers().get(identifier);
            if (standing != null && !whole.contains(standing.customer())) {
                missing.add(standing.customer());
            }
        }
        for (Known known : before.sightings()) {
            if (!isWhole(known)
                    && rules.joining(known.sighting().evidence()).stream()
                            .anyMatch(astray::contains)) {
                missing.add(known.customer());
            }
        }
        return missing;
    }

    /** Identifiers by which sightings of others would be connected with these. */
    public Set<Identifier> connecting() {
        Set<Identifier> connecting = new HashSet<>(asked);
        before.sightings().stream()
                .filter(this::isWhole)
                .forEach(known -> connecting.addAll(rules.joining(known.sighting().evidence())));
        connecting.removeIf(this::isShared);
        return connecting;
    }

    /**
     * Those of the connecting identifiers that nobody is connected by after all, as the sightings
     * show that were loaded: a value that is many people's is not followed to all of them.
     */
    public Set<Identifier> shared() {
        return Partition.of(
                        before.sightings().stream()
                                .filter(this::isWhole)
                                .map(Known::sighting)
                                .toList(),
                        Set.of(),
                        before.separations(),
                        rules)
                .shared();
    }

    /** What is named here and stands, or was seen, with somebody else, if it joins at all. */
    private Set<Identifier> astray() {
        Set<Identifier> astray = new HashSet<>();
        for (Map.Entry<Identifier, Standing> entry : before.identifiers().entrySet()) {
            if (!entry.getValue().shared()
                    && !whole.contains(entry.getValue().customer())
                    && named.contains(entry.getKey())) {
                astray.add(entry.getKey());
            }
        }
        for (Known known : before.sightings()) {
            if (!isWhole(known)) {
                for (Identifier identifier : known.sighting().evidence().identifiers()) {
                    if (named.contains(identifier) && !isShared(identifier)) {
                        astray.add(identifier);
                    }
                }
            }
        }
        return astray;
    }

    private boolean isWhole(Known known) {
        return whole.contains(known.customer());
    }

    private boolean isShared(Identifier identifier) {
        Standing standing = before.identifiers().get(identifier);
        return standing != null && standing.shared();
    }
}
