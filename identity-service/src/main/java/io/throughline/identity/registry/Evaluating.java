package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.identity.segment.Facts;
import io.throughline.identity.segment.Segments;
import io.throughline.identity.segment.Segments.Verdict;
import io.throughline.identity.store.FactsReader;
import io.throughline.identity.store.MembershipStore;
import io.throughline.identity.store.MembershipStore.Changes;
import io.throughline.identity.store.MembershipStore.Due;
import io.throughline.identity.store.MembershipStore.Membership;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Looks at customers and stores how they stand, always by what is so now: lock, read, decide, store
 * and tell. What made somebody look, how often, and in which order, makes no difference.
 *
 * <p>A merged customer's memberships go to the survivor, who is told of those she did not have
 * herself, and has left those that do not hold for the two together; of the merged one nothing is
 * said any more.
 */
@ApplicationScoped
class Evaluating {

    private static final Duration PUT_OFF = Duration.ofHours(1);

    private final SegmentsInForce inForce;
    private final MembershipStore memberships;
    private final FactsReader facts;
    private final Outbox outbox;
    private final TimelineStore timeline;
    private final InstantSource clock;

    Evaluating(
            SegmentsInForce inForce,
            MembershipStore memberships,
            FactsReader facts,
            Outbox outbox,
            TimelineStore timeline,
            InstantSource clock) {
        this.inForce = inForce;
        this.memberships = memberships;
        this.facts = facts;
        this.outbox = outbox;
        this.timeline = timeline;
        this.clock = clock;
    }

    /**
     * What is to be looked at.
     *
     * @param touched the keys of segments by customer; those who were merged are followed
     * @param gone customers who turned out to be others
     * @param backfill whether it is for the sake of a definition, and not because of what happened
     */
    record Asked(Map<CustomerId, Set<String>> touched, Set<CustomerId> gone, boolean backfill) {

        static Asked of(Collection<CustomerId> customers, Set<String> keys, boolean backfill) {
            Map<CustomerId, Set<String>> touched = new HashMap<>();
            customers.forEach(customer -> touched.put(customer, keys));
            return new Asked(touched, Set.of(), backfill);
        }
    }

    /** The same with who everybody is by now. */
    private record Resolved(
            Map<CustomerId, Set<String>> touched,
            Map<CustomerId, CustomerId> gone,
            boolean backfill) {

        Set<CustomerId> everybody() {
            Set<CustomerId> all = new TreeSet<>(touched.keySet());
            all.addAll(gone.keySet());
            return all;
        }
    }

    private record Before(Map<CustomerId, Due> due, List<Membership> memberships) {}

    /**
     * Looks at customers.
     *
     * @param asked what to look at, by the segments as they are
     * @return how many of the customers are in each segment that was looked at
     */
    Uni<Map<String, Long>> evaluate(SqlConnection tx, Function<Segments, Asked> asked) {
        return inForce.held(tx)
                .chain(segments -> {
                    Asked now = asked.apply(segments);
                    return now.touched().isEmpty() && now.gone().isEmpty()
                            ? Uni.createFrom().item(Map.of())
                            : resolve(tx, segments, now)
                                    .chain(resolved -> locked(tx, segments, resolved));
                });
    }

    /** Looks at customers who are due; gives how many they were. */
    Uni<Integer> evaluateDue(SqlConnection tx, int most) {
        return inForce.held(tx)
                .chain(segments ->
                        memberships
                                .lockDue(tx, clock.instant(), most)
                                .chain(due -> due(tx, segments, due).replaceWith(due.size())));
    }

    /** Leaves alone for a while who is due longest. */
    Uni<Integer> putOff(SqlConnection tx) {
        Instant later = clock.instant().plus(PUT_OFF);
        return memberships
                .lockDue(tx, clock.instant(), 1)
                .chain(due ->
                        memberships
                                .save(
                                        tx,
                                        new Changes(
                                                List.of(),
                                                List.of(),
                                                due.stream()
                                                        .map(one -> new Due(one.customer(), later))
                                                        .toList(),
                                                List.of()))
                                .replaceWith(due.size()));
    }

    private Uni<Map<String, Long>> due(SqlConnection tx, Segments segments, List<Due> due) {
        Map<CustomerId, Set<String>> touched = new HashMap<>();
        due.forEach(one -> touched.put(one.customer(), segments.touchedByTime()));
        return due.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : look(tx, segments, new Resolved(touched, Map.of(), false), due);
    }

    private Uni<Resolved> resolve(SqlConnection tx, Segments segments, Asked asked) {
        Set<CustomerId> everybody = new HashSet<>(asked.touched().keySet());
        everybody.addAll(asked.gone());
        return memberships
                .current(tx, everybody)
                .map(current -> {
                    Map<CustomerId, Set<String>> touched = new HashMap<>();
                    Map<CustomerId, CustomerId> gone = new HashMap<>();
                    for (CustomerId id : everybody) {
                        CustomerId now = current.get(id);
                        if (now != null) {
                            boolean same = now.equals(id);
                            Set<String> keys = asked.touched().getOrDefault(id, Set.of());
                            touched.computeIfAbsent(now, c -> new HashSet<>())
                                    .addAll(same ? keys : segments.keys());
                            if (!same) {
                                gone.put(id, now);
                            }
                        }
                    }
                    return new Resolved(touched, gone, asked.backfill());
                });
    }

    private Uni<Map<String, Long>> locked(SqlConnection tx, Segments segments, Resolved resolved) {
        return memberships
                .lock(tx, resolved.everybody())
                .chain(due -> look(tx, segments, resolved, due));
    }

    private Uni<Map<String, Long>> look(
            SqlConnection tx, Segments segments, Resolved resolved, List<Due> due) {
        Instant now = clock.instant();
        Set<String> keys = new HashSet<>();
        resolved.touched().values().forEach(keys::addAll);
        return Uni.combine()
                .all()
                .unis(
                        memberships.of(tx, resolved.everybody()),
                        facts.read(tx, resolved.touched().keySet(), segments.needs(keys), now))
                .asTuple()
                .chain(read -> {
                    Map<CustomerId, Due> known = new HashMap<>();
                    due.forEach(one -> known.put(one.customer(), one));
                    Before before = new Before(known, read.getItem1());
                    Decided decided = new Decided(segments, resolved, before, now);
                    read.getItem2().forEach(decided::decide);
                    decided.forget(read.getItem2().keySet());
                    return memberships
                            .save(tx, decided.changes())
                            .chain(() ->
                                    Statements.inOneGo(
                                            List.of(
                                                    outbox.append(tx, decided.told),
                                                    timeline.append(tx, decided.history()))))
                            .replaceWith(decided.in);
                });
    }

    /** What comes of looking at some customers. */
    private static final class Decided {

        private final Segments segments;
        private final Resolved resolved;
        private final Before before;
        private final Instant now;
        private final Map<CustomerId, List<Membership>> own = new HashMap<>();
        private final List<Membership> entered = new ArrayList<>();
        private final List<Membership> left = new ArrayList<>();
        private final List<Due> due = new ArrayList<>();
        private final List<CustomerId> forgotten = new ArrayList<>();
        private final List<CustomerEvent> told = new ArrayList<>();
        private final Map<String, Long> in = new HashMap<>();

        Decided(Segments segments, Resolved resolved, Before before, Instant now) {
            this.segments = segments;
            this.resolved = resolved;
            this.before = before;
            this.now = now;
            before.memberships()
                    .forEach(one ->
                            own.computeIfAbsent(one.customer(), id -> new ArrayList<>()).add(one));
        }

        /** For the sake of a definition it happened to nobody. */
        List<TimelineEntry> history() {
            return resolved.backfill()
                    ? List.of()
                    : told.stream().flatMap(event -> entry(event).stream()).toList();
        }

        private static Optional<TimelineEntry> entry(CustomerEvent event) {
            return switch (event) {
                case SegmentEntered in ->
                        Optional.of(entry(in.customer(), in.at(), "entered", in.segment()));
                case SegmentLeft out ->
                        Optional.of(entry(out.customer(), out.at(), "left", out.segment()));
                default -> Optional.empty();
            };
        }

        private static TimelineEntry entry(
                CustomerId customer, Instant at, String type, String segment) {
            return new TimelineEntry(
                    customer, at, "segment", Map.of("type", type, "segment", segment));
        }

        Changes changes() {
            return new Changes(entered, left, due, forgotten);
        }

        void decide(CustomerId customer, Facts known) {
            Map<String, Membership> hers = byKey(customer);
            Map<String, Membership> gained = new HashMap<>();
            resolved.gone()
                    .forEach((gone, survivor) -> {
                        if (survivor.equals(customer)) {
                            byKey(gone)
                                    .forEach((key, one) -> gained.merge(key, one, Decided::older));
                        }
                    });
            Set<String> keys = resolved.touched().getOrDefault(customer, Set.of());
            Verdict verdict = segments.evaluate(keys, known, hers.keySet(), now);
            verdict.in().forEach((key, is) -> decide(customer, key, is, hers, gained));
            // Of a segment that is being emptied, which nobody evaluates any more.
            gained.values().stream()
                    .filter(one -> !verdict.in().containsKey(one.segment()))
                    .filter(one -> !hers.containsKey(one.segment()))
                    .forEach(one -> tellLeft(customer, one.segment(), one.version()));
            Due last = before.due().get(customer);
            Instant dueBefore = last == null ? null : last.due();
            Instant dueNow = segments.due(keys, dueBefore, verdict.next());
            if (!Objects.equals(dueBefore, dueNow)) {
                due.add(new Due(customer, dueNow));
            }
        }

        private void decide(
                CustomerId customer,
                String key,
                boolean is,
                Map<String, Membership> hers,
                Map<String, Membership> gained) {
            Membership had = hers.get(key);
            Membership inherits = gained.get(key);
            int version = segments.find(key).orElseThrow().version();
            if (is) {
                in.merge(key, 1L, Long::sum);
            }
            if (is && had == null) {
                entered.add(
                        inherits == null
                                ? new Membership(customer, key, version, now)
                                : new Membership(
                                        customer, key, inherits.version(), inherits.since()));
                told.add(new SegmentEntered(customer, key, version, resolved.backfill(), now));
            } else if (!is && had != null) {
                left.add(had);
                tellLeft(customer, key, version);
            } else if (!is && inherits != null) {
                tellLeft(customer, key, version);
            }
        }

        private void tellLeft(CustomerId customer, String key, int version) {
            told.add(new SegmentLeft(customer, key, version, resolved.backfill(), now));
        }

        /**
         * Those who were merged have no memberships of their own; one who was merged just now keeps
         * hers until that is told, when they go to the survivor.
         */
        void forget(Set<CustomerId> there) {
            resolved.gone()
                    .forEach((gone, survivor) -> {
                        if (there.contains(survivor)) {
                            left.addAll(own.getOrDefault(gone, List.of()));
                            forgotten.add(gone);
                        }
                    });
            resolved.touched().keySet().stream()
                    .filter(customer -> !there.contains(customer))
                    .map(customer -> before.due().get(customer))
                    .filter(one -> one != null && one.due() != null)
                    .forEach(one -> due.add(new Due(one.customer(), null)));
        }

        private Map<String, Membership> byKey(CustomerId customer) {
            Map<String, Membership> byKey = new HashMap<>();
            own.getOrDefault(customer, List.of()).forEach(one -> byKey.put(one.segment(), one));
            return byKey;
        }

        private static Membership older(Membership one, Membership other) {
            return one.since().isAfter(other.since()) ? other : one;
        }
    }
}
