package io.throughline.identity.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.ingest.Trust;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.memory.InMemoryGate;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.profile.Profile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The resolver under hostile delivery: events shuffled, repeated, cut into batches, batches that
 * crash before they commit, some events resolved at the door first. Whatever happens, the customers
 * are the same, and no merge loosens what the gate knows (promise P6).
 */
class AnyOrderTest {

    private static final int SEEDS = 300;
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    @Test
    void anyOrderOfArrivalEndsInTheSameCustomers() {
        for (int seed = 0; seed < SEEDS; seed++) {
            List<AcceptedEvent> events = events(new Random(seed));
            World inOrder = new World(new Random(seed));
            events.forEach(event -> inOrder.applyBatch(List.of(event)));
            World hostile = new World(new Random(seed * 31L + 7));
            hostile.deliver(events);
            assertThat(hostile.customers()).as("seed %d", seed).isEqualTo(inOrder.customers());
            assertThat(hostile.components()).as("seed %d", seed).isEqualTo(connected(events));
        }
    }

    /** Strangers, shared tablets, families: most of what events suggest has to be refused. */
    @Test
    void refusalsLimitsAndSharedDevicesDoNotDependOnTheOrderEither() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<AcceptedEvent> events = strangers(random);
            RulesInForce rules = strict(random);
            World hostile = new World(new Random(seed * 31L + 7), rules);
            hostile.deliver(events);
            Partition expected =
                    Partition.of(World.sightings(events), Set.of(), Separations.NONE, rules);
            assertThat(hostile.groups()).as("seed %d", seed).isEqualTo(World.groups(expected));
            assertThat(hostile.refused()).as("seed %d", seed).isEqualTo(World.refused(expected));
            assertThat(hostile.quarantined())
                    .as("seed %d", seed)
                    .isEqualTo(World.quarantined(expected));
            World again = new World(new Random(seed * 13L + 5), rules);
            again.deliver(events);
            assertThat(again.customers()).as("seed %d", seed).isEqualTo(hostile.customers());
        }
    }

    /** Events that come while the customers are decided about anew, some before and some after. */
    @Test
    void aChangeOfTheRulesComesToTheSameWhateverComesMeanwhile() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<AcceptedEvent> events = strangers(random);
            RulesInForce rules =
                    strict(
                            random,
                            List.of(
                                    new ResolutionRules.Never(Identifier.EMAIL, "email[01]"),
                                    new ResolutionRules.Never(
                                            Identifier.ANONYMOUS_ID, "anonymous_id0")));
            World world = new World(new Random(seed * 41L + 9));
            int half = events.size() / 2;
            world.deliver(events.subList(0, half));
            world.changeRules(rules, events.subList(half, events.size()));
            Partition expected =
                    Partition.of(World.sightings(events), Set.of(), Separations.NONE, rules);
            assertThat(world.groups()).as("seed %d", seed).isEqualTo(World.groups(expected));
            assertThat(world.refused()).as("seed %d", seed).isEqualTo(World.refused(expected));
        }
    }

    /**
     * What joined nobody does now: the customers are found wherever they are, one at a time, and a
     * preview finds as many merges as the change makes.
     */
    @Test
    void aChangeThatJoinsComesToTheSameWhateverComesMeanwhile() {
        int merges = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<AcceptedEvent> events = doubtful(strangers(random), random);
            World world = new World(new Random(seed * 43L + 5), loose());
            int half = events.size() / 2;
            world.deliver(events.subList(0, half));
            RulesInForce rules = strict(random);

            Set<CustomerId> previewed = world.previewRules(rules);
            Set<CustomerId> before = Set.copyOf(world.mergedInto.keySet());
            world.changeRules(rules, List.of());
            Set<CustomerId> merged = new HashSet<>(world.mergedInto.keySet());
            merged.removeAll(before);
            assertThat(merged).as("seed %d", seed).isEqualTo(previewed);
            merges += merged.size();
            check(world, events.subList(0, half), rules, seed);

            World meanwhile = new World(new Random(seed * 47L + 3), loose());
            meanwhile.deliver(events.subList(0, half));
            meanwhile.changeRules(rules, events.subList(half, events.size()));
            check(meanwhile, events, rules, seed);
        }
        assertThat(merges).isPositive();
    }

    private static void check(
            World world, List<AcceptedEvent> events, RulesInForce rules, int seed) {
        Partition expected =
                Partition.of(World.sightings(events), Set.of(), Separations.NONE, rules);
        assertThat(world.groups()).as("seed %d", seed).isEqualTo(World.groups(expected));
        assertThat(world.refused()).as("seed %d", seed).isEqualTo(World.refused(expected));
        world.checkHeld(expected, "seed " + seed);
    }

    @Test
    void aMergeNeverLoosens() {
        for (int seed = 0; seed < SEEDS; seed++) {
            List<AcceptedEvent> events = events(new Random(seed));
            World world = new World(new Random(seed * 17L + 3));
            world.deliver(events);
            world.checkGate("seed " + seed);
        }
    }

    /**
     * What was said under an identifier goes where the identifier goes and nowhere else: {@link
     * World#commit} looks at each split.
     */
    @Test
    void whatPeopleTakeApartTakesAlongOnlyWhatItHolds() {
        int carried = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            List<AcceptedEvent> events = events(new Random(seed));
            World world = new World(new Random(seed * 19L + 11));
            world.deliver(events);
            world.takeApart();
            World hostile = new World(new Random(seed * 23L + 1));
            hostile.apart.addAll(world.apart);
            hostile.deliver(events);
            Collections.shuffle(world.said, hostile.random);
            world.said.forEach(statement -> hostile.take(List.of(statement)));
            assertThat(hostile.groups()).as("seed %d", seed).isEqualTo(world.groups());
            assertThat(hostile.refused()).as("seed %d", seed).isEqualTo(world.refused());
            carried += world.carried;
        }
        assertThat(carried).isPositive();
    }

    /**
     * People with one user id at most and a few other identifiers, and what they do: each event
     * carries some of one person's identifiers, so that nothing has to be refused.
     */
    private static List<AcceptedEvent> events(Random random) {
        List<AcceptedEvent> events = new ArrayList<>();
        int people = 1 + random.nextInt(4);
        for (int person = 0; person < people; person++) {
            List<Identifier> own = identifiers(person, random);
            int acts = 1 + random.nextInt(8);
            for (int act = 0; act < acts; act++) {
                events.add(event(person + "/" + act, some(own, random), random));
            }
        }
        Collections.shuffle(events, random);
        return events;
    }

    private static List<AcceptedEvent> strangers(Random random) {
        List<Identifier> all = new ArrayList<>();
        for (String type : List.of(Identifier.USER_ID, Identifier.EMAIL, Identifier.ANONYMOUS_ID)) {
            for (int i = 1 + random.nextInt(4); i >= 0; i--) {
                all.add(new Identifier(type, type + i));
            }
        }
        List<AcceptedEvent> events = new ArrayList<>();
        for (int act = 5 + random.nextInt(25); act >= 0; act--) {
            events.add(event("m" + act, some(all, random), random));
        }
        return events;
    }

    /** Some of them only claimed by whoever sent them. */
    private static List<AcceptedEvent> doubtful(List<AcceptedEvent> events, Random random) {
        return events.stream().map(e -> random.nextInt(3) > 0 ? e : claimed(e)).toList();
    }

    private static AcceptedEvent claimed(AcceptedEvent e) {
        return new AcceptedEvent(
                e.messageId(),
                e.source(),
                e.kind(),
                e.name(),
                e.identifiers(),
                e.properties(),
                e.traits(),
                e.context(),
                e.occurredAt(),
                e.receivedAt(),
                null,
                null,
                null,
                Trust.CLAIMED);
    }

    /** Rules by which much joins nobody that joins by the {@link #strict} ones. */
    private static RulesInForce loose() {
        return new RulesInForce(
                new ResolutionRules(
                        0,
                        List.of(
                                new TypeRule(Identifier.USER_ID, true, 1, null, 0, false),
                                new TypeRule(TypeRule.ANY, false, 1, null, 0, false),
                                new TypeRule(Identifier.ANONYMOUS_ID, true, 5, null, 0, false)),
                        List.of(new ResolutionRules.Never(Identifier.ANONYMOUS_ID, ".*[01]")),
                        50));
    }

    private static RulesInForce strict(Random random) {
        return strict(random, List.of());
    }

    private static RulesInForce strict(Random random, List<ResolutionRules.Never> never) {
        return new RulesInForce(
                new ResolutionRules(
                        1,
                        List.of(
                                new TypeRule(Identifier.USER_ID, true, 1, null, 0, false),
                                new TypeRule(
                                        TypeRule.ANY, true, 1 + random.nextInt(2), null, 0, false),
                                new TypeRule(
                                        Identifier.ANONYMOUS_ID,
                                        true,
                                        2,
                                        Duration.ofSeconds(1 + random.nextInt(4)),
                                        1 + random.nextInt(3),
                                        true)),
                        never,
                        3 + random.nextInt(6)));
    }

    private static List<Identifier> identifiers(int person, Random random) {
        List<Identifier> own = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            own.add(new Identifier(Identifier.USER_ID, "u" + person));
        }
        for (String type :
                List.of(Identifier.EMAIL, Identifier.PHONE, Identifier.ANONYMOUS_ID, "loyalty")) {
            // By a device alone two emails are two people's.
            boolean one = type.equals(Identifier.EMAIL) || type.equals(Identifier.PHONE);
            for (int i = one ? 0 : random.nextInt(3); i >= 0; i--) {
                own.add(new Identifier(type, type + person + "-" + i));
            }
        }
        return own;
    }

    private static List<Identifier> some(List<Identifier> own, Random random) {
        List<Identifier> shuffled = new ArrayList<>(own);
        Collections.shuffle(shuffled, random);
        return shuffled.stream()
                .limit(1 + random.nextInt(3))
                .sorted(Identifiers.STRONGEST_FIRST)
                .toList();
    }

    private static AcceptedEvent event(String id, List<Identifier> identifiers, Random random) {
        Kind kind = random.nextBoolean() ? Kind.IDENTIFY : Kind.TRACK;
        Map<String, Object> traits = new HashMap<>();
        if (kind == Kind.IDENTIFY) {
            traits.put("plan", random.nextInt(3) == 0 ? null : "plan-" + random.nextInt(3));
            traits.put("size", random.nextInt(3));
        }
        Map<String, Object> context =
                random.nextInt(3) == 0
                        ? Map.of("timezone", random.nextBoolean() ? "Europe/Madrid" : "Asia/Tokyo")
                        : Map.of();
        // Few distinct instants, so that ties are met.
        Instant at = START.plusSeconds(random.nextInt(5));
        return new AcceptedEvent(
                id,
                "shop",
                kind,
                kind == Kind.TRACK ? "Order Completed" : null,
                identifiers,
                Map.of("revenue", 1 + random.nextInt(9), "currency", "EUR"),
                traits,
                context,
                at,
                START.plusSeconds(10),
                null,
                null);
    }

    /** The connected components of the identifiers: what resolution has to come to. */
    private static Set<SortedSet<Identifier>> connected(List<AcceptedEvent> events) {
        Set<SortedSet<Identifier>> components = new HashSet<>();
        for (AcceptedEvent event : events) {
            NavigableSet<Identifier> joined = new TreeSet<>(event.identifiers());
            Set<SortedSet<Identifier>> touched =
                    components.stream()
                            .filter(c -> c.stream().anyMatch(event.identifiers()::contains))
                            .collect(Collectors.toSet());
            touched.forEach(joined::addAll);
            components.removeAll(touched);
            components.add(joined);
        }
        return components;
    }

    /** The stores in memory, and the gate's twin beside them. */
    private static final class World {

        private static final ContactPolicy POLICY = ContactPolicy.initial();

        private final Random random;
        private RulesInForce rules;
        private final Map<CustomerId, Profile> customers = new LinkedHashMap<>();
        private final Map<Evidence, Known> sightings = new LinkedHashMap<>();
        private final Map<Identifier, Standing> identifiers = new HashMap<>();
        private final Map<CustomerId, CustomerId> components = new HashMap<>();
        private final Map<CustomerId, CustomerId> mergedInto = new HashMap<>();
        private final Set<String> accepted = new HashSet<>();
        private final InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));
        private final Map<CustomerId, SortedSet<Sighting>> quarantines = new HashMap<>();
        private final Set<CustomerId> optedOut = new HashSet<>();
        private final Map<CustomerId, Instant> silent = new HashMap<>();
        private final List<Separations.Pair> apart = new ArrayList<>();
        private final List<Statement> said = new ArrayList<>();
        private int carried;
        private Instant now = START.plusSeconds(60);

        World(Random random) {
            this(random, new RulesInForce(ResolutionRules.initial()));
        }

        World(Random random, RulesInForce rules) {
            this.random = random;
            this.rules = rules;
        }

        /** Shuffles, repeats, cuts, crashes. */
        void deliver(List<AcceptedEvent> events) {
            List<AcceptedEvent> hostile = new ArrayList<>(events);
            events.stream().filter(e -> random.nextInt(4) == 0).forEach(hostile::add);
            Collections.shuffle(hostile, random);
            while (!hostile.isEmpty()) {
                List<AcceptedEvent> batch =
                        hostile.subList(0, Math.min(hostile.size(), 1 + random.nextInt(4)));
                if (random.nextInt(3) == 0) {
                    linkAtTheDoor(batch.getFirst());
                }
                if (random.nextInt(4) == 0) {
                    crashBeforeCommit(batch);
                }
                applyBatch(List.copyOf(batch));
                sayOrSilence(batch.getFirst());
                batch.clear();
            }
        }

        void changeRules(RulesInForce changed, List<AcceptedEvent> meanwhile) {
            rules = changed;
            List<AcceptedEvent> coming = new ArrayList<>(meanwhile);
            List<CustomerId> due = new ArrayList<>(customers.keySet());
            Collections.shuffle(due, random);
            for (CustomerId customer : due) {
                while (!coming.isEmpty() && random.nextInt(2) == 0) {
                    applyBatch(List.of(coming.removeFirst()));
                }
                if (customers.containsKey(customer)) {
                    Directory directory = connectedWith(customer);
                    directory.reconsider();
                    commit(directory.changes());
                }
            }
            coming.forEach(event -> applyBatch(List.of(event)));
        }

        /** Who would be merged away; nothing is stored. */
        Set<CustomerId> previewRules(RulesInForce asked) {
            RulesInForce inForce = rules;
            rules = asked;
            Set<CustomerId> merged = new HashSet<>();
            for (CustomerId customer : customers.keySet()) {
                Directory directory = connectedWith(customer);
                directory.reconsider();
                directory.changes().merges().forEach(merge -> merged.add(merge.merged()));
            }
            rules = inForce;
            return merged;
        }

        private Directory connectedWith(CustomerId customer) {
            return directory(Set.of(), component(Set.of(customer)), Set.of(), List.of(), true);
        }

        /** Customers whose component is that of one of these. */
        private Set<CustomerId> component(Set<CustomerId> some) {
            Set<CustomerId> leads = some.stream().map(components::get).collect(Collectors.toSet());
            return components.keySet().stream()
                    .filter(other -> leads.contains(components.get(other)))
                    .collect(Collectors.toSet());
        }

        void applyBatch(List<AcceptedEvent> batch) {
            List<AcceptedEvent> fresh =
                    batch.stream().filter(e -> accepted.add(e.messageId())).toList();
            take(fresh.stream().map(Statement::of).toList());
        }

        /**
         * Some identifiers are not those customers' who hold them, one decision after the other.
         */
        void takeApart() {
            for (int decision = 1 + random.nextInt(3); decision > 0; decision--) {
                List<Profile> composed =
                        customers.values().stream()
                                .filter(c -> c.identifiers().size() > 1)
                                .toList();
                if (composed.isEmpty()) {
                    return;
                }
                Profile customer = composed.get(random.nextInt(composed.size()));
                List<Identifier> held = List.copyOf(customer.identifiers());
                Identifier not = held.get(random.nextInt(held.size()));
                List<Separations.Pair> pairs =
                        held.stream()
                                .filter(other -> !other.equals(not))
                                .map(other -> new Separations.Pair(not, other))
                                .toList();
                Directory directory = connectedWith(customer.id());
                Set<Identifier> rest = new TreeSet<>(held);
                rest.remove(not);
                directory.separate(
                        customer.id(), rest, pairs, true, "separated", "s-" + apart.size());
                apart.addAll(pairs);
                commit(directory.changes());
                sightings.values().stream()
                        .map(Known::sighting)
                        .filter(s -> s.first().source().equals("separated"))
                        .map(s -> new Statement(s.evidence(), s.first(), known -> known))
                        .forEach(said::add);
                Standing stands = Objects.requireNonNull(identifiers.get(not));
                assertThat(stands.held()).isTrue();
                CustomerId other = stands.customer();
                assertThat(there(customers, other).identifiers()).doesNotContainAnyElementsOf(rest);
                assertThat(other).isNotEqualTo(customer.id());
            }
        }

        static List<Sighting> sightings(List<AcceptedEvent> events) {
            Map<Evidence, Occasion> first = new LinkedHashMap<>();
            for (AcceptedEvent event : events) {
                Statement statement = Statement.of(event);
                first.merge(
                        statement.evidence(),
                        statement.occasion(),
                        (a, b) -> a.compareTo(b) <= 0 ? a : b);
            }
            return first.entrySet().stream()
                    .map(e -> new Sighting(e.getKey(), e.getValue()))
                    .toList();
        }

        /** Nobody holds what is another's, in her profile or where identifiers stand. */
        void checkHeld(Partition expected, String seed) {
            Map<Identifier, CustomerId> holders = new HashMap<>();
            for (Partition.Group group : expected.groups()) {
                CustomerId customer =
                        there(sightings, group.sightings().getFirst().evidence()).customer();
                assertThat(there(customers, customer).identifiers())
                        .as(seed)
                        .isEqualTo(group.held().keySet());
                group.held().keySet().forEach(identifier -> holders.put(identifier, customer));
            }
            Map<Identifier, CustomerId> standing = new HashMap<>();
            identifiers.forEach((identifier, stands) -> {
                if (stands.held()) {
                    standing.put(identifier, stands.customer());
                }
            });
            assertThat(standing).as(seed).isEqualTo(holders);
        }

        static Set<Set<Evidence>> groups(Partition partition) {
            return partition.groups().stream()
                    .map(g ->
                            g.sightings().stream()
                                    .map(Sighting::evidence)
                                    .collect(Collectors.toSet()))
                    .collect(Collectors.toSet());
        }

        static Map<Evidence, Set<Identifier>> refused(Partition partition) {
            return partition.refused().entrySet().stream()
                    .collect(
                            Collectors.toMap(
                                    e -> e.getKey().evidence(),
                                    e ->
                                            e.getValue().stream()
                                                    .map(Refusal::identifier)
                                                    .collect(Collectors.toSet())));
        }

        static Set<Set<Evidence>> quarantined(Partition partition) {
            Set<Set<Evidence>> quarantined = new HashSet<>();
            for (Partition.Group group : partition.groups()) {
                Set<Evidence> refused =
                        group.sightings().stream()
                                .filter(s ->
                                        partition.refused().getOrDefault(s, List.of()).stream()
                                                .anyMatch(r -> r.why() == Refusal.Why.QUARANTINED))
                                .map(Sighting::evidence)
                                .collect(Collectors.toSet());
                if (!refused.isEmpty()) {
                    quarantined.add(refused);
                }
            }
            return quarantined;
        }

        Set<Set<Evidence>> quarantined() {
            return quarantines.values().stream()
                    .map(q -> q.stream().map(Sighting::evidence).collect(Collectors.toSet()))
                    .collect(Collectors.toSet());
        }

        Set<Set<Evidence>> groups() {
            return sightings.values().stream()
                    .collect(
                            Collectors.groupingBy(
                                    Known::customer,
                                    Collectors.mapping(
                                            k -> k.sighting().evidence(), Collectors.toSet())))
                    .values()
                    .stream()
                    .collect(Collectors.toSet());
        }

        Map<Evidence, Set<Identifier>> refused() {
            return sightings.values().stream()
                    .filter(k -> !k.refused().isEmpty())
                    .collect(Collectors.toMap(k -> k.sighting().evidence(), Known::refused));
        }

        /** Who holds what, and what is known, without the ids, which depend on the order. */
        List<String> customers() {
            return customers.values().stream()
                    .map(p ->
                            "%s: %s %s %s %s %s"
                                    .formatted(
                                            p.identifiers(),
                                            p.visibleTraits(),
                                            p.addresses(),
                                            p.timeZone(),
                                            p.knowledge().firstSeen(),
                                            p.knowledge().lastSeen()))
                    .sorted()
                    .toList();
        }

        Set<SortedSet<Identifier>> components() {
            return customers.values().stream()
                    .map(Profile::identifiers)
                    .collect(Collectors.toSet());
        }

        /** Every id anybody was ever known by is refused what any of them was refused. */
        void checkGate(String seed) {
            Map<CustomerId, Set<CustomerId>> everybody = new HashMap<>();
            Set<CustomerId> ids = new HashSet<>(customers.keySet());
            ids.addAll(mergedInto.keySet());
            ids.forEach(id -> everybody.computeIfAbsent(current(id), c -> new HashSet<>()).add(id));
            everybody.forEach((customer, known) -> checkGate(seed, customer, known));
        }

        private void checkGate(String seed, CustomerId customer, Set<CustomerId> known) {
            gate.hydrate(new CustomerHistory.Contacts(customer, List.of()));
            gate.hydrate(
                    new CustomerHistory.Permissions(
                            customer,
                            List.of(),
                            List.of(),
                            null,
                            known.stream().filter(id -> !id.equals(customer)).toList()));
            boolean out = known.stream().anyMatch(optedOut::contains);
            boolean silenced =
                    known.stream()
                            .anyMatch(id -> silent.getOrDefault(id, Instant.EPOCH).isAfter(now));
            if (!out && !silenced) {
                return;
            }
            for (CustomerId id : known) {
                GateAnswer answer = gate.peek(question(id), POLICY, now);
                assertThat(answer).as(seed).isInstanceOf(GateAnswer.Denied.class);
                assertThat(((GateAnswer.Denied) answer).reason())
                        .as("%s, opted out %s, silenced %s", seed, out, silenced)
                        .isEqualTo(out ? SuppressionReason.OPTED_OUT : SuppressionReason.SILENCED);
            }
        }

        /** Everybody has opted in to mail at first; some opt out, some convert, then merge. */
        private void sayOrSilence(AcceptedEvent event) {
            Known known = sightings.get(Statement.of(event).evidence());
            if (known == null) {
                return;
            }
            CustomerId customer = known.customer();
            now = now.plusMillis(1);
            switch (random.nextInt(6)) {
                case 0 -> {
                    optedOut.add(customer);
                    consent(customer, ConsentState.OPTED_OUT);
                }
                case 1 -> {
                    silent.put(customer, now.plusSeconds(3600));
                    gate.silence(new SilenceWrite(customer, null, now.plusSeconds(3600)), now);
                }
                default -> {
                    // most say nothing
                }
            }
        }

        private void consent(CustomerId customer, ConsentState state) {
            gate.consent(new ConsentWrite(customer, null, Channel.EMAIL, null, state, now), now);
        }

        private void linkAtTheDoor(AcceptedEvent event) {
            if (!accepted.contains(event.messageId())) {
                take(List.of(Statement.linksOf(event)));
            }
        }

        /** The gate is written before the commit, so it may know of a merge that is not stored. */
        private void crashBeforeCommit(List<AcceptedEvent> batch) {
            List<Statement> fresh =
                    batch.stream()
                            .filter(e -> !accepted.contains(e.messageId()))
                            .map(Statement::of)
                            .toList();
            Directory directory = directory(fresh);
            directory.take(fresh);
            directory
                    .changes()
                    .merges()
                    .forEach(merge -> gate.merge(merge.survivor(), merge.merged()));
        }

        private void take(List<Statement> statements) {
            Directory directory = directory(statements);
            directory.take(statements);
            statements.forEach(s ->
                    assertThat(directory.changes().profiles())
                            .noneMatch(p -> mergedInto.containsKey(directory.owner(s))));
            commit(directory.changes());
        }

        /** What the store loads: customers that may be concerned, and no others. */
        private Directory directory(List<Statement> statements) {
            Set<CustomerId> known = new HashSet<>();
            Set<CustomerId> connected = new HashSet<>();
            Set<Identifier> linking = new HashSet<>();
            for (Statement statement : statements) {
                Known sighting = sightings.get(statement.evidence());
                if (sighting != null) {
                    known.add(sighting.customer());
                }
                if (Directory.mayLink(statement, sighting == null ? null : sighting.sighting())) {
                    if (sighting != null) {
                        connected.add(sighting.customer());
                    }
                    linking.addAll(rules.joining(statement.evidence()));
                }
            }
            for (Identifier identifier : linking) {
                Standing standing = identifiers.get(identifier);
                if (standing != null && !standing.shared()) {
                    connected.add(standing.customer());
                }
            }
            return directory(known, component(connected), linking, statements, false);
        }

        /** With everybody else whom the rules connect with them. */
        private Directory directory(
                Set<CustomerId> known,
                Set<CustomerId> whole,
                Set<Identifier> linking,
                List<Statement> statements,
                boolean anew) {
            Directory.Before before = before(known, whole, linking, statements);
            Reach reach = new Reach(whole, linking, before, rules);
            Set<CustomerId> missing = reach.missing();
            if (missing.isEmpty() && anew) {
                missing = seenWith(whole, reach);
            }
            if (!missing.isEmpty()) {
                Set<CustomerId> more = new HashSet<>(whole);
                more.addAll(component(missing));
                assertThat(more).hasSizeGreaterThan(whole.size());
                return directory(known, more, linking, statements, anew);
            }
            now = now.plusMillis(1);
            return new Directory(
                    before, rules, () -> new CustomerId(Ids.timeOrdered(now, random)), now);
        }

        private Set<CustomerId> seenWith(Set<CustomerId> whole, Reach reach) {
            Set<Identifier> connecting = reach.connecting();
            connecting.removeAll(reach.shared());
            return sightings.values().stream()
                    .filter(k -> !whole.contains(k.customer()))
                    .filter(k ->
                            rules.joining(k.sighting().evidence()).stream()
                                    .anyMatch(connecting::contains))
                    .map(Known::customer)
                    .collect(Collectors.toSet());
        }

        private Directory.Before before(
                Set<CustomerId> known,
                Set<CustomerId> whole,
                Set<Identifier> linking,
                List<Statement> statements) {
            Set<Evidence> asked =
                    statements.stream().map(Statement::evidence).collect(Collectors.toSet());
            Set<CustomerId> loaded = new HashSet<>(whole);
            loaded.addAll(known);
            List<Known> held =
                    sightings.values().stream()
                            .filter(k ->
                                    whole.contains(k.customer())
                                            || asked.contains(k.sighting().evidence()))
                            .toList();
            Set<Identifier> named = new HashSet<>(linking);
            held.forEach(k -> named.addAll(k.sighting().evidence().identifiers()));
            Map<Identifier, Standing> standings = new HashMap<>(identifiers);
            standings
                    .entrySet()
                    .removeIf(e ->
                            !named.contains(e.getKey())
                                    && !loaded.contains(e.getValue().customer()));
            return new Directory.Before(
                    loaded.stream().map(c -> there(customers, c)).toList(),
                    held,
                    standings,
                    new Separations(apart));
        }

        private void commit(Changes changes) {
            Map<CustomerId, Profile> old = Map.copyOf(customers);
            for (Changes.Merged merge : changes.merges()) {
                customers.remove(merge.merged());
                components.remove(merge.merged());
                mergedInto.put(merge.merged(), merge.survivor());
                identifiers.replaceAll((identifier, standing) ->
                        standing.customer().equals(merge.merged())
                                ? new Standing(merge.survivor(), standing.held(), standing.shared())
                                : standing);
                gate.merge(merge.survivor(), merge.merged());
            }
            for (Profile profile : changes.profiles()) {
                if (!customers.containsKey(profile.id())) {
                    consent(profile.id(), ConsentState.OPTED_IN);
                }
                customers.put(profile.id(), profile);
            }
            for (Changes.Stored stored : changes.sightings()) {
                Known before = sightings.put(stored.known().sighting().evidence(), stored.known());
                assertThat(before == null).isEqualTo(stored.fresh());
            }
            for (Changes.Placed placed : changes.identifiers()) {
                Standing before = identifiers.put(placed.identifier(), placed.standing());
                assertThat(before == null).isEqualTo(placed.fresh());
            }
            for (Changes.Unlinked unlinked : changes.unlinked()) {
                Set<Identifier> expected = new TreeSet<>(there(old, unlinked.from()).identifiers());
                expected.retainAll(there(customers, unlinked.to()).identifiers());
                assertThat(unlinked.identifiers()).containsExactlyElementsOf(expected);
                carried += expected.size();
            }
            components.putAll(changes.components());
            changes.quarantined()
                    .forEach((customer, refused) -> {
                        if (refused.isEmpty()) {
                            quarantines.remove(customer);
                        } else {
                            quarantines.put(customer, refused);
                        }
                    });
            assertThat(customers.keySet()).containsAll(quarantines.keySet());
            sightings.values().forEach(k -> assertThat(customers).containsKey(k.customer()));
            identifiers.forEach((identifier, standing) ->
                    assertThat(customers.containsKey(standing.customer()))
                            .as("%s at %s", identifier, standing)
                            .isTrue());
        }

        private static <K, V> V there(Map<K, V> all, K key) {
            return Objects.requireNonNull(all.get(key), "it was stored before");
        }

        private CustomerId current(CustomerId id) {
            CustomerId current = id;
            for (CustomerId next = mergedInto.get(current);
                    next != null;
                    next = mergedInto.get(current)) {
                current = next;
            }
            return current;
        }

        private static GateRequest question(CustomerId customer) {
            return new GateRequest(
                    customer,
                    new MessageId(new UUID(1, 1)),
                    Channel.EMAIL,
                    Category.MARKETING,
                    null,
                    "some-journey",
                    "somebody@example.com");
        }
    }
}
