package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.identity.registry.Evaluating.Asked;
import io.throughline.identity.segment.Facts;
import io.throughline.identity.segment.SegmentCondition;
import io.throughline.identity.store.FactsReader;
import io.throughline.identity.store.MembershipStore;
import io.throughline.identity.store.MembershipStore.Changes;
import io.throughline.identity.store.MembershipStore.Membership;
import io.throughline.identity.store.SegmentWorkStore;
import io.throughline.identity.store.SegmentWorkStore.Claimed;
import io.throughline.identity.store.SegmentWorkStore.Place;
import io.throughline.identity.store.SegmentWorkStore.Sampled;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * One step of filling, emptying or trying a segment: some customers, in one transaction with how
 * far it is. It takes the segments' lock before the work's, as whoever changes a segment does.
 */
@ApplicationScoped
class SegmentSteps {

    static final Duration CLAIMED = Duration.ofSeconds(30);

    /** All that is asked of the history of so many is in memory at once. */
    static final int AT_ONCE = 250;

    private static final Logger LOG = Logger.getLogger(SegmentSteps.class);
    private static final int MOST_SAMPLED = 10;

    private final SegmentsInForce inForce;
    private final Evaluating evaluating;
    private final SegmentWorkStore work;
    private final Reading reading;
    private final SegmentChanges.Means means;

    /** Who is in which segment, what is known of customers, and whom it is told. */
    @ApplicationScoped
    static class Reading {

        private final MembershipStore memberships;
        private final FactsReader facts;
        private final Outbox outbox;
        private final RandomGenerator random;

        Reading(
                MembershipStore memberships,
                FactsReader facts,
                Outbox outbox,
                RandomGenerator random) {
            this.memberships = memberships;
            this.facts = facts;
            this.outbox = outbox;
            this.random = random;
        }

        MembershipStore memberships() {
            return memberships;
        }

        FactsReader facts() {
            return facts;
        }

        Uni<Void> tell(SqlConnection tx, List<SegmentLeft> events) {
            return outbox.append(tx, events);
        }

        int below(long bound) {
            return (int) random.nextLong(bound);
        }
    }

    SegmentSteps(
            SegmentsInForce inForce,
            Evaluating evaluating,
            SegmentWorkStore work,
            Reading reading,
            SegmentChanges.Means means) {
        this.inForce = inForce;
        this.evaluating = evaluating;
        this.work = work;
        this.reading = reading;
        this.means = means;
    }

    /** Does the next step; gives whether there is another after it. */
    Uni<Boolean> step(SqlConnection tx, Claimed claimed, int most) {
        return inForce.held(tx)
                .chain(segments -> work.goOn(tx, claimed.id()))
                .chain(place ->
                        place.isEmpty()
                                ? Uni.createFrom().item(false)
                                : step(tx, claimed, place.get(), most));
    }

    /** Goes past one customer who cannot be looked at. */
    Uni<Boolean> leaveOut(SqlConnection tx, Claimed claimed) {
        return work.goOn(tx, claimed.id())
                .chain(place ->
                        place.isEmpty()
                                ? Uni.createFrom().item(false)
                                : work.next(tx, place.get().after(), 1)
                                        .chain(one ->
                                                one.isEmpty()
                                                        ? Uni.createFrom().item(false)
                                                        : leaveOut(tx, claimed, one)));
    }

    private Uni<Boolean> leaveOut(SqlConnection tx, Claimed claimed, List<CustomerId> one) {
        LOG.errorf(
                "customer %s cannot be looked at for segment %s",
                one.getFirst(), claimed.segment());
        return work.advance(tx, claimed.id(), one, 0, CLAIMED).replaceWith(true);
    }

    private Uni<Boolean> step(SqlConnection tx, Claimed claimed, Place place, int most) {
        return customers(tx, claimed, place, most)
                .chain(customers ->
                        customers.isEmpty()
                                ? work.finish(tx, claimed.id(), means.now()).replaceWith(false)
                                : carryOut(tx, claimed, place, customers)
                                        .chain(found ->
                                                work.advance(
                                                        tx,
                                                        claimed.id(),
                                                        customers,
                                                        found,
                                                        CLAIMED))
                                        .replaceWith(true));
    }

    private Uni<List<CustomerId>> customers(
            SqlConnection tx, Claimed claimed, Place place, int most) {
        return switch (claimed.kind()) {
            case EMPTY -> reading.memberships().some(tx, claimed.segment(), most);
            case FILL, PREVIEW -> work.next(tx, place.after(), most);
        };
    }

    /** Gives of how many customers it holds. */
    private Uni<Long> carryOut(
            SqlConnection tx, Claimed claimed, Place place, List<CustomerId> customers) {
        return switch (claimed.kind()) {
            case FILL -> fill(tx, claimed, customers);
            case EMPTY -> empty(tx, claimed, customers).replaceWith(0L);
            case PREVIEW -> preview(tx, claimed, place, customers);
        };
    }

    private Uni<Long> fill(SqlConnection tx, Claimed claimed, List<CustomerId> customers) {
        return evaluating
                .evaluate(
                        tx,
                        segments ->
                                Asked.of(customers, segments.touchedBy(claimed.segment()), true))
                .map(in -> in.getOrDefault(claimed.segment(), 0L));
    }

    /** Of one who was merged it is told of the survivor. */
    private Uni<Void> empty(SqlConnection tx, Claimed claimed, List<CustomerId> customers) {
        return reading.memberships()
                .current(tx, customers)
                .chain(current ->
                        reading.memberships()
                                .lock(tx, customers)
                                .chain(() -> reading.memberships().of(tx, customers))
                                .chain(memberships ->
                                        leave(tx, claimed, of(claimed, memberships), current)));
    }

    private static List<Membership> of(Claimed claimed, List<Membership> memberships) {
        return memberships.stream().filter(m -> m.segment().equals(claimed.segment())).toList();
    }

    private Uni<Void> leave(
            SqlConnection tx,
            Claimed claimed,
            List<Membership> left,
            Map<CustomerId, CustomerId> current) {
        Instant now = means.now();
        List<SegmentLeft> told =
                left.stream()
                        .map(one -> current.getOrDefault(one.customer(), one.customer()))
                        .map(customer ->
                                new SegmentLeft(
                                        customer, claimed.segment(), claimed.version(), true, now))
                        .toList();
        return reading.memberships()
                .save(tx, new Changes(List.of(), left, List.of(), List.of()))
                .chain(() -> reading.tell(tx, told));
    }

    private Uni<Long> preview(
            SqlConnection tx, Claimed claimed, Place place, List<CustomerId> customers) {
        SegmentCondition condition = compiled(claimed);
        Instant now = means.now();
        boolean asks = !condition.needs().segments().isEmpty();
        return Uni.combine()
                .all()
                .unis(
                        reading.facts().read(tx, customers, condition.needs(), now),
                        reading.memberships().of(tx, asks ? customers : List.of()))
                .asTuple()
                .chain(read -> {
                    Trial trial = new Trial(condition, place, now);
                    Map<CustomerId, Set<String>> memberOf = keys(read.getItem2());
                    read.getItem1()
                            .forEach((customer, facts) ->
                                    trial.look(
                                            customer,
                                            facts,
                                            memberOf.getOrDefault(customer, Set.of())));
                    return (trial.sampled
                                    ? work.sample(tx, claimed.id(), trial.sample)
                                    : Uni.createFrom().voidItem())
                            .replaceWith(trial.found - place.found());
                });
    }

    /** Of all of whom it holds each is as likely to be in the sample. */
    private final class Trial {

        private final SegmentCondition condition;
        private final Instant now;
        private final List<Sampled> sample;
        private long found;
        private boolean sampled;

        Trial(SegmentCondition condition, Place place, Instant now) {
            this.condition = condition;
            this.now = now;
            this.sample = new ArrayList<>(place.sample());
            this.found = place.found();
        }

        void look(CustomerId customer, Facts facts, Set<String> memberOf) {
            if (!condition.evaluate(facts, memberOf, now).in()) {
                return;
            }
            found++;
            int place = sample.size() < MOST_SAMPLED ? sample.size() : reading.below(found);
            if (place < MOST_SAMPLED) {
                Sampled one = new Sampled(customer, condition.why(facts, memberOf, now));
                if (place == sample.size()) {
                    sample.add(one);
                } else {
                    sample.set(place, one);
                }
                sampled = true;
            }
        }
    }

    private static Map<CustomerId, Set<String>> keys(List<Membership> memberships) {
        Map<CustomerId, Set<String>> keys = new HashMap<>();
        memberships.forEach(one ->
                keys.computeIfAbsent(one.customer(), id -> new HashSet<>()).add(one.segment()));
        return keys;
    }

    private static SegmentCondition compiled(Claimed claimed) {
        try {
            return SegmentCondition.of(claimed.condition());
        } catch (ExpressionException e) {
            throw new IllegalStateException("segment_work holds what is no condition", e);
        }
    }
}
