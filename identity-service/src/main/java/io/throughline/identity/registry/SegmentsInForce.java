package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.chassis.time.Recurring;
import io.throughline.identity.segment.Segment;
import io.throughline.identity.segment.SegmentCondition;
import io.throughline.identity.segment.Segments;
import io.throughline.identity.store.SegmentStore;
import io.throughline.identity.store.SegmentStore.Defined;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The segments in force. What is stored is stored by the newest ({@link #held}); what is left out
 * because it touches no segment is left out by what was known {@link #AGE} ago at most, and a new
 * segment is filled only when that is over ({@link #KNOWN_EVERYWHERE}). So a customer of whom an
 * event was left out is found by the filling.
 */
@ApplicationScoped
public class SegmentsInForce {

    private static final Logger LOG = Logger.getLogger(SegmentsInForce.class);
    private static final Duration EVERY = Duration.ofMillis(300);
    private static final Duration AGE = Duration.ofSeconds(1);

    /** From this on every process knows a segment. */
    static final Duration KNOWN_EVERYWHERE = Duration.ofSeconds(2);

    private final SegmentStore store;
    private final Recurring recurring;
    private volatile Known known = new Known(-1, Segments.NONE, System.nanoTime() - AGE.toNanos());

    SegmentsInForce(SegmentStore store, Recurring recurring) {
        this.store = store;
        this.recurring = recurring;
    }

    /**
     * @param asked when it was asked for, by the process's own clock
     */
    private record Known(long revision, Segments segments, long asked) {}

    void start(@Observes StartupEvent event) {
        recurring.nowAndEvery(EVERY, LOG, "the segments cannot be read", this::refresh);
    }

    /** As they were not long ago; fails where they cannot be read. */
    public Uni<Segments> fresh() {
        Known now = known;
        return System.nanoTime() - now.asked() < AGE.toNanos()
                ? Uni.createFrom().item(now.segments())
                : refresh().map(done -> known.segments());
    }

    /** As they are; they stay so until the transaction ends. */
    Uni<Segments> held(SqlConnection tx) {
        return store.hold(tx)
                .chain(revision -> {
                    Known now = known;
                    return now.revision() == revision
                            ? Uni.createFrom().item(now.segments())
                            : store.all(tx).map(all -> compiled(all, now.segments()));
                });
    }

    /** As they are within a transaction that keeps everybody else from changing them. */
    Uni<Segments> excluded(SqlConnection tx) {
        return store.exclude(tx)
                .chain(() -> store.all(tx))
                .map(all -> compiled(all, known.segments()));
    }

    /** Reads them now. */
    public Uni<Void> refresh() {
        return Uni.createFrom()
                .deferred(() -> {
                    long asked = System.nanoTime();
                    return store.revision().chain(revision -> refreshed(revision, asked));
                });
    }

    private Uni<Void> refreshed(long revision, long asked) {
        Known before = known;
        if (before.revision() == revision) {
            keep(new Known(revision, before.segments(), asked));
            return Uni.createFrom().voidItem();
        }
        return store.all()
                .invoke(all -> keep(new Known(revision, compiled(all, before.segments()), asked)))
                .replaceWithVoid();
    }

    /** What was asked for later is newer. */
    private synchronized void keep(Known read) {
        if (read.asked() - known.asked() > 0) {
            known = read;
        }
    }

    /** Those that did not change are not compiled again. */
    private static Segments compiled(List<Defined> all, Segments before) {
        List<Segment> segments = new ArrayList<>();
        for (Defined defined : all) {
            Optional<Segment> same =
                    before.find(defined.key())
                            .filter(s -> s.condition().text().equals(defined.condition()));
            try {
                SegmentCondition condition =
                        same.isPresent()
                                ? same.get().condition()
                                : SegmentCondition.of(defined.condition());
                segments.add(new Segment(defined.key(), defined.version(), condition));
            } catch (ExpressionException e) {
                LOG.errorf(
                        "segment %s holds for nobody, its condition does not compile: %s",
                        defined.key(), e.getMessage());
            }
        }
        return new Segments(segments);
    }
}
