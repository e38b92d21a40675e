package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which sightings are one customer: a function of the set of sightings, so that neither the order
 * of arrival nor how the work was divided makes a difference.
 *
 * <p>Sightings are taken in the order of their occasions, their identifiers strongest first. Each
 * identifier joins the customer that holds it, unless a rule is in the way; then it stays where it
 * is and the link is refused.
 *
 * <table>
 * <caption>What becomes of an identifier</caption>
 * <tr><th>held by</th><th>rules</th><th>outcome</th></tr>
 * <tr><td>nobody</td><td>allow one more</td><td>it goes to the sighting's customer</td></tr>
 * <tr><td>nobody</td><td>are in the way</td><td>refused; nobody holds it yet</td></tr>
 * <tr><td>the sighting's customer</td><td></td><td>nothing changes</td></tr>
 * <tr><td>another customer</td><td>allow both together</td><td>the two are one</td></tr>
 * <tr><td>another customer</td><td>are in the way</td><td>refused</td></tr>
 * </table>
 *
 * <p>What a device carries itself is the weakest bond: by it alone nobody becomes one with somebody
 * of another user id, email or phone, since two people may have used the device one after the
 * other.
 *
 * <p>A value that is no identifier, is not unique, or is shared joins nobody. A sighting that has
 * nothing else is a customer of its own that holds no identifier.
 *
 * @param groups in the order of their first sightings
 * @param shared values that too many people were seen with
 * @param refused by sighting; those without are left out
 */
public record Partition(
        List<Group> groups, Set<Identifier> shared, Map<Sighting, List<Refusal>> refused) {

    /**
     * By how many different ones of which it shows that a value is many people's, and by two of
     * which that a device may be.
     */
    private static final Set<String> PEOPLE =
            Set.of(Identifier.USER_ID, Identifier.EMAIL, Identifier.PHONE);

    /** How many emails, or phones, stand for as many people as one user id stands for one. */
    private static final int ADDRESSES_A_PERSON = 4;

    /**
     * One customer.
     *
     * @param held and by which event each was linked
     * @param sightings in order
     */
    public record Group(Map<Identifier, Occasion> held, List<Sighting> sightings) {}

    /**
     * @param sightings all that are connected by identifiers that join, whether or not rules refuse
     *     the links
     * @param shared values known to be shared already; once shared, always shared
     */
    public static Partition of(
            Collection<Sighting> sightings,
            Set<Identifier> shared,
            Separations separations,
            RulesInForce rules) {
        Set<Identifier> allShared = new HashSet<>(shared);
        allShared.addAll(shared(sightings, rules));
        Walk walk = new Walk(allShared, separations, rules);
        new TreeSet<>(sightings).forEach(walk::take);
        return walk.partition();
    }

    /** The group of a sighting. */
    public Map<Sighting, Group> groupsBySighting() {
        Map<Sighting, Group> bySighting = new HashMap<>();
        groups.forEach(group -> group.sightings().forEach(s -> bySighting.put(s, group)));
        return bySighting;
    }

    /**
     * Values that more different people were seen with than their type allows: by their user ids,
     * and where sources know none by their addresses, of which one person may have several.
     */
    private static Set<Identifier> shared(Collection<Sighting> sightings, RulesInForce rules) {
        Map<Identifier, Map<String, Set<String>>> people = new HashMap<>();
        for (Sighting sighting : sightings) {
            List<Identifier> joining = rules.joining(sighting.evidence());
            for (Identifier person : joining) {
                if (PEOPLE.contains(person.type())) {
                    for (Identifier identifier : joining) {
                        if (!identifier.equals(person)
                                && rules.of(identifier.type()).sharedAbove() > 0) {
                            people.computeIfAbsent(identifier, i -> new HashMap<>())
                                    .computeIfAbsent(person.type(), t -> new HashSet<>())
                                    .add(person.value());
                        }
                    }
                }
            }
        }
        Set<Identifier> shared = new HashSet<>();
        people.forEach((identifier, byType) -> {
            int most = rules.of(identifier.type()).sharedAbove();
            if (byType.entrySet().stream()
                    .anyMatch(e -> e.getValue().size() > most * timesOf(e.getKey()))) {
                shared.add(identifier);
            }
        });
        return shared;
    }

    private static int timesOf(String type) {
        return type.equals(Identifier.USER_ID) ? 1 : ADDRESSES_A_PERSON;
    }

    /** A customer while links are made; one that was joined into another points to it. */
    private static final class Node {

        private @Nullable Node joinedInto;
        private final Map<Identifier, Occasion> held = new LinkedHashMap<>();
        private final List<Sighting> sightings = new ArrayList<>();

        Node root() {
            Node root = this;
            for (Node next = root.joinedInto; next != null; next = root.joinedInto) {
                root = next;
            }
            return root;
        }

        void absorb(Node other) {
            other.joinedInto = this;
            held.putAll(other.held);
            sightings.addAll(other.sightings);
        }
    }

    private static final class Walk {

        private final Set<Identifier> shared;
        private final Separations separations;
        private final RulesInForce rules;
        private final Map<Identifier, Node> holders = new HashMap<>();
        private final Set<Node> nodes = new LinkedHashSet<>();
        private final Map<Sighting, List<Refusal>> refused = new HashMap<>();

        Walk(Set<Identifier> shared, Separations separations, RulesInForce rules) {
            this.shared = shared;
            this.separations = separations;
            this.rules = rules;
        }

        void take(Sighting sighting) {
            Node customer = null;
            Map<Identifier, Occasion> fresh = new LinkedHashMap<>();
            for (Identifier identifier : joining(sighting.evidence())) {
                Node holder = holder(identifier);
                if (holder == null) {
                    Map<Identifier, Occasion> one = Map.of(identifier, sighting.first());
                    Optional<Refusal> refusal =
                            refusal(identifier, customer, fresh, one, sighting.first().at());
                    refusal.ifPresentOrElse(
                            r -> refuse(sighting, r),
                            () -> fresh.put(identifier, sighting.first()));
                } else if (holder != customer) {
                    Optional<Refusal> refusal =
                            refusal(
                                    identifier,
                                    customer,
                                    fresh,
                                    holder.held,
                                    sighting.first().at());
                    if (refusal.isPresent()) {
                        refuse(sighting, refusal.get());
                    } else {
                        customer = joined(customer, holder);
                    }
                }
            }
            Node whose = customer == null ? created() : customer;
            whose.held.putAll(fresh);
            fresh.keySet().forEach(identifier -> holders.put(identifier, whose));
            whose.sightings.add(sighting);
        }

        Partition partition() {
            List<Group> groups = new ArrayList<>();
            for (Node node : nodes) {
                if (node.joinedInto == null) {
                    Collections.sort(node.sightings);
                    groups.add(new Group(node.held, node.sightings));
                }
            }
            groups.sort((a, b) -> a.sightings().getFirst().compareTo(b.sightings().getFirst()));
            return new Partition(groups, shared, refused);
        }

        private List<Identifier> joining(Evidence evidence) {
            return rules.joining(evidence).stream()
                    .filter(i -> !shared.contains(i))
                    .sorted(rules.strongestFirst())
                    .toList();
        }

        private @Nullable Node holder(Identifier identifier) {
            Node holder = holders.get(identifier);
            return holder == null ? null : holder.root();
        }

        private Node created() {
            Node node = new Node();
            nodes.add(node);
            return node;
        }

        private static Node joined(@Nullable Node customer, Node holder) {
            if (customer == null) {
                return holder;
            }
            Node larger = customer.held.size() >= holder.held.size() ? customer : holder;
            larger.absorb(larger == customer ? holder : customer);
            return larger;
        }

        private void refuse(Sighting sighting, Refusal refusal) {
            refused.computeIfAbsent(sighting, s -> new ArrayList<>()).add(refusal);
        }

        /** What is in the way of one customer having all of these. */
        private Optional<Refusal> refusal(
                Identifier identifier,
                @Nullable Node customer,
                Map<Identifier, Occasion> fresh,
                Map<Identifier, Occasion> more,
                Instant at) {
            Map<Identifier, Occasion> own = new HashMap<>(fresh);
            if (customer != null) {
                own.putAll(customer.held);
            }
            if (own.isEmpty()) {
                return Optional.empty();
            }
            if (separations.between(own.keySet(), more.keySet())) {
                return Optional.of(
                        new Refusal(
                                identifier,
                                Refusal.Why.SEPARATED,
                                "they were taken apart by hand"));
            }
            Optional<String> contradiction = contradiction(identifier, own.keySet(), more.keySet());
            if (contradiction.isPresent()) {
                return Optional.of(
                        new Refusal(
                                identifier,
                                Refusal.Why.DEVICE,
                                "nothing but a device connects two %ss"
                                        .formatted(contradiction.get())));
            }
            Map<String, Integer> values = new HashMap<>();
            own.forEach((i, linked) -> count(values, i, linked, at));
            more.forEach((i, linked) -> count(values, i, linked, at));
            for (Map.Entry<String, Integer> type : values.entrySet()) {
                TypeRule rule = rules.of(type.getKey());
                if (type.getValue() > rule.most()) {
                    return Optional.of(
                            new Refusal(identifier, Refusal.Why.LIMIT, limit(type.getKey(), rule)));
                }
            }
            int largest = rules.rules().largestProfile();
            return own.size() + more.size() > largest
                    ? Optional.of(
                            new Refusal(
                                    identifier,
                                    Refusal.Why.QUARANTINED,
                                    "the profile would have more than " + largest + " identifiers"))
                    : Optional.empty();
        }

        /** The type by which both sides name people, where a device alone would join them. */
        private Optional<String> contradiction(
                Identifier joining, Set<Identifier> own, Set<Identifier> more) {
            return rules.of(joining.type()).firstHand()
                    ? PEOPLE.stream()
                            .filter(type -> hasType(own, type) && hasType(more, type))
                            .sorted()
                            .findFirst()
                    : Optional.empty();
        }

        private static boolean hasType(Set<Identifier> identifiers, String type) {
            return identifiers.stream().anyMatch(i -> i.type().equals(type));
        }

        private void count(
                Map<String, Integer> values, Identifier identifier, Occasion linked, Instant at) {
            TypeRule rule = rules.of(identifier.type());
            if (rule.within() == null || linked.at().isAfter(at.minus(rule.within()))) {
                values.merge(identifier.type(), 1, Integer::sum);
            }
        }

        private static String limit(String type, TypeRule rule) {
            return rule.within() == null
                    ? "one customer has at most %d %s".formatted(rule.most(), type)
                    : "one customer has at most %d %s within %s"
                            .formatted(rule.most(), type, rule.within());
        }
    }
}
