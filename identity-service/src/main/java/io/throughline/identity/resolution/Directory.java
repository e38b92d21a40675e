package io.throughline.identity.resolution;

import static java.util.Comparator.naturalOrder;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.profile.Knowledge;
import io.throughline.identity.profile.Profile;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The customers that one unit of work is about, as they were when it began and as it leaves them.
 *
 * <p>New evidence, or evidence that turns out to be older than was known, may change who is one
 * with whom; then all that identifiers connect with it is decided anew by {@link Partition}, and
 * what differs from before is the change. All other statements only add to what is known.
 *
 * <p>A customer's id goes where her strongest identifier goes, of one who was taken apart by hand
 * where that of those goes that were to stay. Where several ids come to one customer the oldest
 * survives.
 *
 * <p>Not thread-safe: one unit of work, one directory.
 */
public final class Directory {

    /**
     * What has to be loaded: for evidence that may change links, every customer it is connected
     * with by the rules that decide ({@link Reach}), whole; for other evidence its sighting and
     * customer.
     *
     * @param identifiers every identifier that the sightings name and that was named before
     */
    public record Before(
            Collection<Profile> customers,
            Collection<Known> sightings,
            Map<Identifier, Standing> identifiers,
            Separations separations) {

        public static final Before NOTHING =
                new Before(List.of(), List.of(), Map.of(), Separations.NONE);
    }

    /** A sighting on its way through the unit of work. */
    private static final class Part {

        private final @Nullable Known before;
        private Sighting sighting;
        private Knowledge knowledge;
        private @Nullable CustomerId customer;
        private Set<Identifier> refused;

        Part(Known before) {
            this.before = before;
            this.sighting = before.sighting();
            this.knowledge = before.knowledge();
            this.customer = before.customer();
            this.refused = before.refused();
        }

        Part(Evidence evidence, Occasion first) {
            this.before = null;
            this.sighting = new Sighting(evidence, first);
            this.knowledge = Knowledge.of(first.at());
            this.refused = Set.of();
        }

        CustomerId customer() {
            return Objects.requireNonNull(customer, "it was resolved before");
        }

        static Set<CustomerId> customersBefore(Collection<Part> parts) {
            Set<CustomerId> customers = new HashSet<>();
            for (Part part : parts) {
                if (part.before != null) {
                    customers.add(part.before.customer());
                }
            }
            return customers;
        }
    }

    private final Before before;
    private final RulesInForce rules;
    private final Supplier<CustomerId> ids;
    private final Instant at;
    private final Map<CustomerId, Profile> old = new LinkedHashMap<>();
    private final Map<CustomerId, Profile> now = new LinkedHashMap<>();
    private final Map<Evidence, Part> parts = new LinkedHashMap<>();
    private final Set<Part> changedParts = new LinkedHashSet<>();
    private final Set<CustomerId> created = new LinkedHashSet<>();
    private final List<Changes.Placed> placed = new ArrayList<>();
    private final List<Changes.Unlinked> unlinked = new ArrayList<>();
    private final List<Changes.Merged> merges = new ArrayList<>();
    private final List<Changes.RefusedLink> refused = new ArrayList<>();
    private final Map<CustomerId, CustomerId> components = new HashMap<>();
    private final Map<CustomerId, SortedSet<Sighting>> quarantined = new TreeMap<>();
    private final Map<CustomerId, Set<Identifier>> staying = new HashMap<>();
    private Separations separations;

    /**
     * @param ids for new customers, ascending
     * @param at the instant of the work
     */
    public Directory(Before before, RulesInForce rules, Supplier<CustomerId> ids, Instant at) {
        this.before = before;
        this.separations = before.separations();
        this.rules = rules;
        this.ids = ids;
        this.at = at;
        before.customers().forEach(customer -> old.put(customer.id(), customer));
        before.sightings()
                .forEach(known -> parts.put(known.sighting().evidence(), new Part(known)));
        now.putAll(old);
    }

    /**
     * Whether a statement can change who is one with whom.
     *
     * @param known the sighting of its evidence; absent where there is none
     */
    public static boolean mayLink(Statement statement, @Nullable Sighting known) {
        return known == null || statement.occasion().compareTo(known.first()) < 0;
    }

    /** Takes statements in; once for each directory. */
    public void take(Collection<Statement> statements) {
        List<Part> fresh = new ArrayList<>();
        for (Statement statement : statements) {
            Part part = parts.get(statement.evidence());
            if (part == null) {
                part = new Part(statement.evidence(), statement.occasion());
                parts.put(statement.evidence(), part);
                fresh.add(part);
            } else if (mayLink(statement, part.sighting)) {
                part.sighting = new Sighting(statement.evidence(), statement.occasion());
                fresh.add(part);
            }
            fold(part, statement);
        }
        if (!fresh.isEmpty()) {
            resolve(connectedWith(fresh));
        }
    }

    /** Decides anew about all that was loaded, as after a change of the rules. */
    public void reconsider() {
        resolve(List.copyOf(parts.values()));
    }

    /**
     * Decides anew after somebody took a customer apart.
     *
     * <p>What only the other side had connected would be nobody's then. By that person's word it
     * stays with the rest, and what leaves is somebody's: this is kept as sightings, dated as each
     * was linked, so that limits count as they did.
     *
     * @param stays what her id stays with
     * @param pairs that are never one customer's any more
     * @param whole whether her identifiers are to be kept in this way
     * @param source that says so
     * @param cause the id of what it said
     */
    public void separate(
            CustomerId customer,
            Set<Identifier> stays,
            List<Separations.Pair> pairs,
            boolean whole,
            String source,
            String cause) {
        Map<Identifier, Occasion> linked = new TreeMap<>();
        partition().groups().forEach(group -> linked.putAll(group.held()));
        linked.keySet().retainAll(profile(customer).identifiers());
        staying.put(customer, stays);
        separations = separations.with(pairs);
        say(whole ? lost(customer, stays, linked, source, cause) : List.of());
    }

    /** What has to be said so that identifiers are held as they are to be. */
    private List<Statement> lost(
            CustomerId customer,
            Set<Identifier> stays,
            Map<Identifier, Occasion> linked,
            String source,
            String cause) {
        Map<Identifier, Partition.Group> holders = new HashMap<>();
        partition()
                .groups()
                .forEach(group -> group.held().keySet().forEach(i -> holders.put(i, group)));
        Identifier anchor =
                linked.keySet().stream()
                        .filter(stays::contains)
                        .min(rules.strongestFirst())
                        .orElse(null);
        Partition.Group own = anchor == null ? null : holders.get(anchor);
        Knowledge known = profile(customer).knowledge();
        List<Statement> said = new ArrayList<>();
        linked.forEach((identifier, at) -> {
            Partition.Group holder = holders.get(identifier);
            if (holder == null) {
                said.add(said(Set.of(identifier), at.at(), known, source, cause));
            }
            boolean alone = anchor == null || anchor.equals(identifier);
            if (stays.contains(identifier) && !alone && (holder == null || !holder.equals(own))) {
                Instant other = Objects.requireNonNull(linked.get(anchor)).at();
                said.add(
                        said(
                                Set.of(anchor, identifier),
                                other.isAfter(at.at()) ? other : at.at(),
                                known,
                                source,
                                cause));
            }
        });
        return said;
    }

    private static Statement said(
            Set<Identifier> named, Instant at, Knowledge known, String source, String cause) {
        return new Statement(
                Evidence.of(named, Trust.TRUSTED),
                new Occasion(at.truncatedTo(ChronoUnit.MICROS), source, cause),
                before -> before.withSeen(known, named));
    }

    private Partition partition() {
        return Partition.of(sightings(parts.values()), shared(), separations, rules);
    }

    /** Takes in what somebody said and decides anew about all that was loaded. */
    public void say(List<Statement> statements) {
        for (Statement statement : statements) {
            Part part =
                    parts.computeIfAbsent(
                            statement.evidence(), e -> new Part(e, statement.occasion()));
            if (mayLink(statement, part.sighting)) {
                part.sighting = new Sighting(statement.evidence(), statement.occasion());
            }
            fold(part, statement);
        }
        reconsider();
    }

    /** Whose a statement is. */
    public CustomerId owner(Statement statement) {
        return Objects.requireNonNull(
                        parts.get(statement.evidence()), "the statement was not taken")
                .customer();
    }

    /** What all that came to. */
    public Changes changes() {
        List<Profile> changed = new ArrayList<>();
        List<Profile> published = new ArrayList<>();
        List<Profile> rezoned = new ArrayList<>();
        for (Profile profile : now.values()) {
            Profile was = old.get(profile.id());
            if (profile.equals(was)) {
                continue;
            }
            boolean visible = was == null || !profile.looksLike(was);
            Profile stored = visible ? profile.published(at) : profile;
            changed.add(stored);
            if (visible) {
                published.add(stored);
            }
            if (was == null
                    ? !profile.grounds().areEmpty()
                    : !profile.grounds().sayAs(was.grounds()) || joined(profile)) {
                rezoned.add(stored);
            }
        }
        return new Changes(
                created,
                changedParts.stream().map(Directory::stored).toList(),
                placed,
                unlinked,
                merges,
                changed,
                published,
                rezoned,
                refused,
                components,
                quarantined);
    }

    /** The gate has put the whereabouts of both together; what they come to is stated anew. */
    private boolean joined(Profile profile) {
        return merges.stream().anyMatch(merge -> merge.survivor().equals(profile.id()));
    }

    private void fold(Part part, Statement statement) {
        Knowledge known = statement.fold().apply(part.knowledge);
        if (known.equals(part.knowledge)) {
            return;
        }
        part.knowledge = known;
        changedParts.add(part);
        CustomerId customer = part.customer;
        if (customer != null) {
            now.computeIfPresent(
                    customer,
                    (id, profile) ->
                            profile.with(
                                    profile.identifiers(),
                                    statement.fold().apply(profile.knowledge())));
        }
    }

    private static Changes.Stored stored(Part part) {
        return new Changes.Stored(
                new Known(part.sighting, part.customer(), part.knowledge, part.refused),
                part.before == null);
    }

    /**
     * The components of new evidence, and all else that is of their customers: after a change of
     * the rules a customer may be in several components, until she is decided about anew.
     */
    private List<Part> connectedWith(List<Part> fresh) {
        Set<Evidence> asked =
                fresh.stream().map(p -> p.sighting.evidence()).collect(Collectors.toSet());
        List<List<Part>> left =
                Components.of(sightings(parts.values()), shared(), rules).stream()
                        .map(component -> component.stream().map(this::part).toList())
                        .collect(Collectors.toCollection(ArrayList::new));
        List<List<Part>> more =
                left.stream()
                        .filter(component ->
                                component.stream()
                                        .anyMatch(p -> asked.contains(p.sighting.evidence())))
                        .toList();
        List<Part> connected = new ArrayList<>();
        while (!more.isEmpty()) {
            more.forEach(connected::addAll);
            left.removeAll(more);
            Set<CustomerId> about = Part.customersBefore(connected);
            more =
                    left.stream()
                            .filter(component ->
                                    !Collections.disjoint(about, Part.customersBefore(component)))
                            .toList();
        }
        return connected;
    }

    private Set<Identifier> shared() {
        return before.identifiers().entrySet().stream()
                .filter(e -> e.getValue().shared())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static List<Sighting> sightings(Collection<Part> parts) {
        return parts.stream().map(p -> p.sighting).toList();
    }

    private Part part(Sighting sighting) {
        return Objects.requireNonNull(parts.get(sighting.evidence()), "it was made of the parts");
    }

    private void resolve(List<Part> connected) {
        Partition partition = Partition.of(sightings(connected), shared(), separations, rules);
        Map<Sighting, Partition.Group> groups = partition.groupsBySighting();
        Map<CustomerId, Partition.Group> heirs = heirs(connected, partition, groups);
        Map<Sighting, CustomerId> names = names(partition, heirs);
        for (Part part : connected) {
            CustomerId customer = name(names, groups.get(part.sighting));
            List<Refusal> refusals = partition.refused().getOrDefault(part.sighting, List.of());
            tellRefused(part, customer, refusals);
            quarantine(part, customer, refusals);
            part.customer = customer;
            part.refused = refusals.stream().map(Refusal::identifier).collect(Collectors.toSet());
            if (part.before == null || !stored(part).known().equals(part.before)) {
                changedParts.add(part);
            }
        }
        unlink(connected, partition, heirs, names);
        place(connected, partition, names);
        describe(partition, heirs, names);
        connect(connected, partition);
    }

    /**
     * Where each customer's id goes: with her strongest identifier, else with her first sighting.
     */
    private Map<CustomerId, Partition.Group> heirs(
            List<Part> connected, Partition partition, Map<Sighting, Partition.Group> groups) {
        Map<Identifier, Partition.Group> holders = new HashMap<>();
        partition.groups().forEach(g -> g.held().keySet().forEach(i -> holders.put(i, g)));
        SortedSet<Sighting> inOrder = new TreeSet<>(sightings(connected));
        Map<CustomerId, Partition.Group> heirs = new TreeMap<>();
        for (Sighting sighting : inOrder) {
            Known known = part(sighting).before;
            if (known != null) {
                heirs.computeIfAbsent(
                        known.customer(),
                        customer ->
                                profile(customer).identifiers().stream()
                                        .sorted(staysFirst(customer))
                                        .filter(holders::containsKey)
                                        .findFirst()
                                        .map(holders::get)
                                        .orElseGet(() ->
                                                Objects.requireNonNull(groups.get(sighting))));
            }
        }
        return heirs;
    }

    private Comparator<Identifier> staysFirst(CustomerId customer) {
        Set<Identifier> stays = staying.getOrDefault(customer, Set.of());
        return Comparator.comparing((Identifier identifier) -> !stays.contains(identifier))
                .thenComparing(rules.strongestFirst());
    }

    private Map<Sighting, CustomerId> names(
            Partition partition, Map<CustomerId, Partition.Group> heirs) {
        Map<Sighting, CustomerId> names = new HashMap<>();
        // Ascending, so that the oldest comes first.
        heirs.forEach((customer, group) -> names.putIfAbsent(first(group), customer));
        for (Partition.Group group : partition.groups()) {
            names.computeIfAbsent(
                    first(group),
                    g -> {
                        CustomerId id = ids.get();
                        created.add(id);
                        return id;
                    });
        }
        return names;
    }

    private static CustomerId name(
            Map<Sighting, CustomerId> names, Partition.@Nullable Group group) {
        return Objects.requireNonNull(
                names.get(first(Objects.requireNonNull(group, "every sighting is in a group"))),
                "every group has a name");
    }

    /** What a group is known by while it has no customer yet. */
    private static Sighting first(Partition.Group group) {
        return group.sightings().getFirst();
    }

    private void tellRefused(Part part, CustomerId customer, List<Refusal> refusals) {
        Set<Identifier> told = part.before == null ? Set.of() : part.before.refused();
        for (Refusal refusal : refusals) {
            if (!told.contains(refusal.identifier())) {
                refused.add(new Changes.RefusedLink(customer, refusal, part.sighting.first()));
            }
        }
    }

    /** Who was in quarantine can be told by what was refused; who is, by why. */
    private void quarantine(Part part, CustomerId customer, List<Refusal> refusals) {
        if (part.before != null && !part.before.refused().isEmpty()) {
            quarantined.computeIfAbsent(part.before.customer(), c -> new TreeSet<>());
        }
        if (refusals.stream().anyMatch(r -> r.why() == Refusal.Why.QUARANTINED)) {
            quarantined.computeIfAbsent(customer, c -> new TreeSet<>()).add(part.sighting);
        }
    }

    /** Sightings and identifiers that do not go where their customer's id goes. */
    private void unlink(
            List<Part> connected,
            Partition partition,
            Map<CustomerId, Partition.Group> heirs,
            Map<Sighting, CustomerId> names) {
        Map<CustomerId, Map<CustomerId, List<Part>>> moved = new TreeMap<>();
        for (Part part : connected) {
            if (part.before == null) {
                continue;
            }
            CustomerId from = part.before.customer();
            if (!part.customer().equals(name(names, heirs.get(from)))) {
                moved.computeIfAbsent(from, c -> new TreeMap<>())
                        .computeIfAbsent(part.customer(), c -> new ArrayList<>())
                        .add(part);
            }
        }
        Map<CustomerId, Map<Identifier, Occasion>> held = new HashMap<>();
        Map<Identifier, CustomerId> holders = new HashMap<>();
        for (Partition.Group group : partition.groups()) {
            CustomerId holder = name(names, group);
            held.put(holder, group.held());
            group.held().keySet().forEach(identifier -> holders.put(identifier, holder));
        }
        heirs.forEach((from, heir) -> {
            for (Identifier identifier : profile(from).identifiers()) {
                CustomerId holder = holders.get(identifier);
                if (holder != null && !holder.equals(name(names, heir))) {
                    moved.computeIfAbsent(from, c -> new TreeMap<>())
                            .computeIfAbsent(holder, c -> new ArrayList<>());
                }
            }
        });
        moved.forEach((from, targets) ->
                targets.forEach((to, parts) ->
                        unlinked.add(unlinked(from, to, parts, held.getOrDefault(to, Map.of())))));
    }

    /**
     * What was said under an identifier goes with it, and a sighting may name more than its
     * customer holds: that which stays with the one, or is nobody's now, takes nothing along.
     */
    private Changes.Unlinked unlinked(
            CustomerId from, CustomerId to, List<Part> moved, Map<Identifier, Occasion> held) {
        SortedSet<Identifier> carried = new TreeSet<>(profile(from).identifiers());
        carried.retainAll(held.keySet());
        return new Changes.Unlinked(
                from,
                to,
                List.copyOf(carried),
                moved.stream().map(part -> part.sighting.evidence().id()).toList(),
                moved.isEmpty()
                        ? carried.stream().map(held::get).max(naturalOrder()).orElseThrow()
                        : new TreeSet<>(sightings(moved)).last().first());
    }

    private void place(List<Part> connected, Partition partition, Map<Sighting, CustomerId> names) {
        Map<Identifier, Changes.Placed> places = new TreeMap<>();
        for (Partition.Group group : partition.groups()) {
            CustomerId customer = name(names, group);
            group.held()
                    .forEach((identifier, cause) ->
                            places.put(
                                    identifier,
                                    placed(
                                            identifier,
                                            new Standing(customer, true, false),
                                            cause)));
        }
        for (Sighting sighting : new TreeSet<>(sightings(connected))) {
            for (Identifier identifier : rules.joining(sighting.evidence())) {
                places.computeIfAbsent(
                        identifier,
                        i ->
                                placed(
                                        i,
                                        new Standing(
                                                part(sighting).customer(),
                                                false,
                                                partition.shared().contains(i)),
                                        sighting.first()));
            }
        }
        release(connected, places);
        for (Changes.Placed place : places.values()) {
            Standing was = before.identifiers().get(place.identifier());
            if (!place.standing().equals(was)) {
                if (was != null && !was.shared() && !old.containsKey(was.customer())) {
                    throw new IllegalStateException(
                            "an identifier stands at somebody who was not loaded");
                }
                placed.add(place);
            }
        }
    }

    /**
     * What somebody held and no sighting of hers says any more that is believed, nobody holds, as
     * after a change of the rules. What is another's, whom this is not about, is not touched: a
     * source that is not believed may have named it.
     */
    private void release(List<Part> connected, Map<Identifier, Changes.Placed> places) {
        Set<CustomerId> about = Part.customersBefore(connected);
        for (Sighting sighting : new TreeSet<>(sightings(connected))) {
            for (Identifier identifier : sighting.evidence().identifiers()) {
                Standing was = before.identifiers().get(identifier);
                if (was != null
                        && was.held()
                        && about.contains(was.customer())
                        && !places.containsKey(identifier)) {
                    places.put(
                            identifier,
                            placed(
                                    identifier,
                                    new Standing(part(sighting).customer(), false, was.shared()),
                                    sighting.first()));
                }
            }
        }
    }

    private Changes.Placed placed(Identifier identifier, Standing standing, Occasion cause) {
        Standing was = before.identifiers().get(identifier);
        boolean hadIt = was != null && was.held() && was.customer().equals(standing.customer());
        return new Changes.Placed(
                identifier,
                standing,
                cause,
                was == null,
                standing.held() && !hadIt,
                was != null && was.held() && !standing.held() ? was.customer() : null);
    }

    /** Profiles of the groups, and the customers that came into them with another id. */
    private void describe(
            Partition partition,
            Map<CustomerId, Partition.Group> heirs,
            Map<Sighting, CustomerId> names) {
        Map<CustomerId, List<CustomerId>> merged = new TreeMap<>();
        heirs.forEach((customer, group) -> {
            CustomerId survivor = name(names, group);
            if (!survivor.equals(customer)) {
                merged.computeIfAbsent(survivor, c -> new ArrayList<>()).add(customer);
            }
        });
        for (Partition.Group group : partition.groups()) {
            CustomerId id = name(names, group);
            SortedSet<Identifier> held = new TreeSet<>(group.held().keySet());
            Knowledge known =
                    group.sightings().stream()
                            .map(s -> part(s).knowledge)
                            .reduce(Knowledge::joinedWith)
                            .orElseThrow();
            Profile was = old.get(id);
            Profile profile =
                    was == null ? Profile.created(id, held, known, at) : was.with(held, known);
            Occasion cause = group.sightings().getLast().first();
            for (CustomerId gone : merged.getOrDefault(id, List.of())) {
                profile = profile.after(profile(gone));
                now.remove(gone);
                merges.add(
                        new Changes.Merged(
                                id,
                                gone,
                                List.copyOf(profile(id).identifiers()),
                                List.copyOf(profile(gone).identifiers()),
                                cause(group, gone, cause)));
            }
            now.put(id, profile);
        }
    }

    /** The event that made the two one: the first new one that names what the merged one held. */
    private Occasion cause(Partition.Group group, CustomerId gone, Occasion otherwise) {
        Set<Identifier> held = profile(gone).identifiers();
        List<Sighting> news = group.sightings().stream().filter(s -> isNew(part(s))).toList();
        return news.stream()
                .filter(s -> s.evidence().identifiers().stream().anyMatch(held::contains))
                .findFirst()
                .or(() -> news.stream().findFirst())
                .map(Sighting::first)
                .orElse(otherwise);
    }

    private static boolean isNew(Part part) {
        return part.before == null || !part.sighting.equals(part.before.sighting());
    }

    private void connect(List<Part> connected, Partition partition) {
        for (List<Sighting> component :
                Components.of(sightings(connected), partition.shared(), rules)) {
            Set<CustomerId> customers = new HashSet<>();
            component.forEach(s -> customers.add(part(s).customer()));
            CustomerId oldest = Collections.min(customers);
            customers.forEach(customer -> components.put(customer, oldest));
        }
    }

    private Profile profile(CustomerId customer) {
        return Objects.requireNonNull(old.get(customer), "a sighting's customer is loaded");
    }
}
