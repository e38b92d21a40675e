package io.throughline.journey.conversation;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.engine.MergedInstances;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.store.BehaviourStore.Behaviour;
import io.throughline.journey.store.EntryStore.Entry;
import io.throughline.journey.store.InstanceStore.Stored;
import io.throughline.journey.store.TimerStore.Timer;
import io.throughline.journey.store.TimerStore.TimerRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The customers of one unit of work with all that is theirs, as loaded under their locks, and what
 * has changed since. Not thread-safe; lives as long as its transaction.
 */
final class Casebook {

    private final Map<CustomerId, CustomerId> became;
    private final Map<CustomerId, KnownCustomer> customers = new HashMap<>();
    private final Map<UUID, Case> cases = new LinkedHashMap<>();
    private final Map<EntryKey, Entry> entries = new HashMap<>();

    private final Set<CustomerId> changedCustomers = new LinkedHashSet<>();
    private final Set<EntryKey> changedEntries = new LinkedHashSet<>();
    private final List<Merge> merges = new ArrayList<>();
    private final List<Behaviour> behaviours = new ArrayList<>();
    private final List<IdentifiersUnlinked> unlinks = new ArrayList<>();
    private final List<TimerRef> removed = new ArrayList<>();
    private final List<Timer> held = new ArrayList<>();
    private final List<ContractEvent> events = new ArrayList<>();

    record EntryKey(CustomerId customer, String journey) {}

    /** One customer became another in this unit of work. */
    record Merge(CustomerId survivor, CustomerId merged) {}

    /**
     * What there was.
     *
     * @param became who had been merged into whom before
     */
    record Loaded(
            Map<CustomerId, CustomerId> became,
            List<KnownCustomer> customers,
            List<Instance> running,
            List<Entry> entries) {}

    Casebook(Loaded loaded) {
        this.became = new HashMap<>(loaded.became());
        loaded.customers().forEach(customer -> customers.put(customer.id(), customer));
        loaded.running().forEach(instance -> cases.put(instance.id(), new Case(instance)));
        loaded.entries()
                .forEach(entry ->
                        entries.put(new EntryKey(entry.customer(), entry.journey()), entry));
    }

    /** Who a customer is by now. */
    CustomerId resolve(CustomerId customer) {
        return became.getOrDefault(customer, customer);
    }

    /**
     * @throws IllegalStateException when the customer was not loaded
     */
    KnownCustomer customer(CustomerId id) {
        KnownCustomer known = customers.get(resolve(id));
        if (known == null) {
            throw new IllegalStateException("customer " + id + " was not loaded");
        }
        return known;
    }

    void put(KnownCustomer customer) {
        KnownCustomer before = customers.put(customer.id(), customer);
        if (!customer.equals(before)) {
            changedCustomers.add(customer.id());
        }
    }

    /** The running instance, or null when it has left or never was. */
    @Nullable Case running(UUID instance) {
        Case found = cases.get(instance);
        return found == null || found.hasLeft() ? null : found;
    }

    /** The customer's running instances, in order of entry. */
    List<Case> running(CustomerId customer) {
        CustomerId id = resolve(customer);
        return cases.values().stream()
                .filter(c -> !c.hasLeft() && c.instance().customer().equals(id))
                .toList();
    }

    Case open(Instance instance) {
        Case opened = new Case(instance);
        opened.changed = true;
        cases.put(instance.id(), opened);
        return opened;
    }

    @Nullable Entry entry(CustomerId customer, String journey) {
        return entries.get(new EntryKey(resolve(customer), journey));
    }

    void entered(Entry entry) {
        EntryKey key = new EntryKey(entry.customer(), entry.journey());
        entries.put(key, entry);
        changedEntries.add(key);
    }

    void happened(Behaviour behaviour) {
        behaviours.add(behaviour);
    }

    /** What was recorded under the sightings is the other customer's. */
    void takeApart(IdentifiersUnlinked unlink) {
        unlinks.add(unlink);
    }

    void say(ContractEvent event) {
        events.add(event);
    }

    void remove(Timer timer) {
        removed.add(new TimerRef(timer.instance(), timer.key()));
    }

    void hold(Timer timer) {
        held.add(timer);
    }

    /** The merged customer's profile and entries become the survivor's. */
    void merge(CustomerId survivor, CustomerId merged, Instant at) {
        put(customer(survivor).joinedWith(customer(merged), at));
        customers.remove(merged);
        changedCustomers.remove(merged);
        became.replaceAll((alias, is) -> is.equals(merged) ? survivor : is);
        became.put(merged, survivor);
        merges.add(new Merge(survivor, merged));
        mergeEntries(survivor, merged);
    }

    /** Takes up what the engine said becomes of the instances of two merged customers. */
    void keep(MergedInstances joined) {
        Case kept = loaded(joined.kept().id());
        kept.moved |= !kept.instance().customer().equals(joined.kept().customer());
        kept.become(joined.kept());
        Instance left = joined.left();
        if (left != null) {
            Case other = loaded(left.id());
            other.become(left);
            other.leave("merged");
        }
    }

    private Case loaded(UUID instance) {
        Case found = cases.get(instance);
        if (found == null) {
            throw new IllegalStateException("instance " + instance + " was not loaded");
        }
        return found;
    }

    private void mergeEntries(CustomerId survivor, CustomerId merged) {
        for (Entry entry : List.copyOf(entries.values())) {
            if (!entry.customer().equals(merged)) {
                continue;
            }
            entries.remove(new EntryKey(merged, entry.journey()));
            changedEntries.remove(new EntryKey(merged, entry.journey()));
            Entry own = entries.get(new EntryKey(survivor, entry.journey()));
            if (own == null || own.at().isBefore(entry.at())) {
                entered(new Entry(survivor, entry.journey(), entry.trigger(), entry.at()));
            }
        }
    }

    List<Merge> merges() {
        return merges;
    }

    List<KnownCustomer> changedCustomers() {
        return changedCustomers.stream().map(this::customer).toList();
    }

    List<Entry> changedEntries() {
        List<Entry> changed = new ArrayList<>();
        for (EntryKey key : changedEntries) {
            Entry entry = entries.get(key);
            if (entry != null) {
                changed.add(entry);
            }
        }
        return changed;
    }

    List<Stored> changedInstances(Instant now) {
        return cases.values().stream()
                .filter(c -> c.changed)
                .map(c -> new Stored(c.instance(), c.leftReason, now))
                .toList();
    }

    List<Behaviour> behaviours() {
        return behaviours;
    }

    List<IdentifiersUnlinked> unlinks() {
        return unlinks;
    }

    /** To be published, in order. */
    List<ContractEvent> events() {
        return events;
    }

    List<TimerRef> removedTimers() {
        return removed;
    }

    List<TimerRef> heldTimers() {
        return held.stream().map(timer -> new TimerRef(timer.instance(), timer.key())).toList();
    }

    /** The journeys that something is set aside for until they are activated. */
    SortedSet<String> holding() {
        SortedSet<String> journeys = new TreeSet<>();
        held.forEach(timer -> journeys.add(timer.journey()));
        startedTimers().stream()
                .filter(Timer::held)
                .forEach(timer -> journeys.add(timer.journey()));
        return journeys;
    }

    /** Instances whose timers are cancelled. */
    Collection<UUID> cancelled() {
        return ids(c -> c.cancelled && !c.hasLeft());
    }

    /** Instances that left. */
    Collection<UUID> left() {
        return ids(Case::hasLeft);
    }

    /** Instances whose stored timers belong to another customer now. */
    Map<CustomerId, Set<UUID>> moved() {
        Map<CustomerId, Set<UUID>> moved = new LinkedHashMap<>();
        for (Case c : cases.values()) {
            if (c.moved && !c.hasLeft()) {
                moved.computeIfAbsent(c.instance().customer(), ignored -> new HashSet<>())
                        .add(c.instance().id());
            }
        }
        return moved;
    }

    List<Timer> startedTimers() {
        return cases.values().stream()
                .filter(c -> !c.hasLeft())
                .flatMap(c -> c.started.values().stream().map(timer -> ownedBy(c, timer)))
                .toList();
    }

    /** When the first of those is due; {@link Instant#MAX} for none. */
    Instant nextDue() {
        return startedTimers().stream()
                .filter(timer -> !timer.held())
                .map(Timer::due)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private static Timer ownedBy(Case owner, Timer timer) {
        return new Timer(
                timer.instance(),
                timer.key(),
                owner.instance().customer(),
                timer.journey(),
                timer.kind(),
                timer.due(),
                timer.held(),
                timer.payload());
    }

    private List<UUID> ids(java.util.function.Predicate<Case> which) {
        return cases.values().stream().filter(which).map(c -> c.instance().id()).toList();
    }

    /** One instance and what happens to it. */
    static final class Case {

        private Instance instance;
        private final Map<String, Timer> started = new LinkedHashMap<>();
        private boolean changed;
        private boolean cancelled;
        private boolean moved;
        private @Nullable String leftReason;

        private Case(Instance instance) {
            this.instance = instance;
        }

        Instance instance() {
            return instance;
        }

        boolean hasLeft() {
            return leftReason != null;
        }

        void become(Instance next) {
            if (!next.equals(instance)) {
                instance = next;
                changed = true;
            }
        }

        void leave(String reason) {
            leftReason = reason;
            changed = true;
            started.clear();
        }

        void start(Timer timer) {
            started.put(timer.key(), timer);
        }

        /** Inputs that are kept stay: only the engine's own timers are cancelled. */
        void cancelTimers() {
            cancelled = true;
            started.values().removeIf(timer -> timer.payload() == null);
        }
    }
}
