package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Ids;
import io.throughline.identity.segment.SegmentCondition;
import io.throughline.identity.segment.Segments;
import io.throughline.identity.store.SegmentStore;
import io.throughline.identity.store.SegmentStore.Asked;
import io.throughline.identity.store.SegmentWorkStore;
import io.throughline.identity.store.SegmentWorkStore.Kind;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes, changes and removes segments. A new condition is in force at once for whatever happens,
 * and for everybody else as the segment is filled; nobody leaves meanwhile of whom it still holds.
 */
@ApplicationScoped
public class SegmentChanges {

    private static final int MOST_SEGMENTS = 500;

    private final Transactions transactions;
    private final SegmentsInForce inForce;
    private final SegmentStore segments;
    private final SegmentWorkStore work;
    private final Means means;

    /** Clock and dice. */
    @ApplicationScoped
    static class Means {

        private final InstantSource clock;
        private final RandomGenerator random;

        Means(InstantSource clock, RandomGenerator random) {
            this.clock = clock;
            this.random = random;
        }

        Instant now() {
            return clock.instant();
        }

        UUID id() {
            return Ids.timeOrdered(clock.instant(), random);
        }
    }

    SegmentChanges(
            Transactions transactions,
            SegmentsInForce inForce,
            SegmentStore segments,
            SegmentWorkStore work,
            Means means) {
        this.transactions = transactions;
        this.inForce = inForce;
        this.segments = segments;
        this.work = work;
        this.means = means;
    }

    /** What came of a change. */
    public sealed interface Outcome {

        /**
         * @param fresh whether there was no such segment before
         */
        record Done(boolean fresh) implements Outcome {}

        record Refused(String why) implements Outcome {}

        /**
         * @param by the keys of the segments that ask about it
         */
        record Needed(Set<String> by) implements Outcome {}

        record Unknown() implements Outcome {}
    }

    /**
     * Makes a segment, or another version of it where its condition is another.
     *
     * @param asked with the text of the condition
     */
    public Uni<Outcome> put(Asked asked, SegmentCondition condition, String by) {
        return transactions
                .inTransaction(
                        tx -> inForce.excluded(tx).chain(now -> put(tx, now, asked, condition, by)))
                .call(inForce::refresh);
    }

    /** Removes a segment; its members leave it one after the other. */
    public Uni<Outcome> delete(String key, String by) {
        return transactions
                .inTransaction(tx -> inForce.excluded(tx).chain(now -> delete(tx, now, key, by)))
                .call(inForce::refresh);
    }

    /**
     * Begins to find out of whom a condition holds.
     *
     * @return the id to ask under, or why it cannot be
     */
    public Uni<Previewed> preview(SegmentCondition condition) {
        UUID id = means.id();
        return transactions.inTransaction(tx ->
                inForce.held(tx)
                        .chain(now -> {
                            Optional<String> refusal =
                                    now.refusal("", condition.needs().segments());
                            return refusal.isPresent()
                                    ? Uni.createFrom().item(new Previewed(id, refusal))
                                    : work.begin(
                                                    tx,
                                                    id,
                                                    Kind.PREVIEW,
                                                    "",
                                                    0,
                                                    condition.text(),
                                                    means.now())
                                            .replaceWith(new Previewed(id, refusal));
                        }));
    }

    /**
     * @param refusal why nothing was begun; empty where it was
     */
    public record Previewed(UUID id, Optional<String> refusal) {}

    private Uni<Outcome> put(
            SqlConnection tx, Segments now, Asked asked, SegmentCondition condition, String by) {
        boolean fresh = now.find(asked.key()).isEmpty();
        Optional<String> refusal = now.refusal(asked.key(), condition.needs().segments());
        if (refusal.isPresent()) {
            return Uni.createFrom().item(new Outcome.Refused(refusal.get()));
        }
        if (fresh && now.keys().size() >= MOST_SEGMENTS) {
            return Uni.createFrom()
                    .item(
                            new Outcome.Refused(
                                    "there are %d segments, and no more can be"
                                            .formatted(MOST_SEGMENTS)));
        }
        int before = now.find(asked.key()).map(segment -> segment.version()).orElse(0);
        return segments.put(tx, asked, means.now(), by)
                .call(version ->
                        version == before
                                ? Uni.createFrom().voidItem()
                                : begin(tx, Kind.FILL, asked.key(), version, asked.condition()))
                .replaceWith(new Outcome.Done(fresh));
    }

    private Uni<Outcome> delete(SqlConnection tx, Segments now, String key, String by) {
        Set<String> asking = now.askingAbout(key);
        if (!asking.isEmpty()) {
            return Uni.createFrom().item(new Outcome.Needed(asking));
        }
        return segments.delete(tx, key, means.now(), by)
                .chain(version ->
                        version.isEmpty()
                                ? Uni.createFrom().item(new Outcome.Unknown())
                                : begin(tx, Kind.EMPTY, key, version.get(), "")
                                        .replaceWith(new Outcome.Done(false)));
    }

    private Uni<Void> begin(
            SqlConnection tx, Kind kind, String key, int version, String condition) {
        return work.begin(tx, means.id(), kind, key, version, condition, means.now());
    }
}
