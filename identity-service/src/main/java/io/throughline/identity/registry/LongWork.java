package io.throughline.identity.registry;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Work that goes on step by step until there is none left, a few at a time in this process. Each
 * step stores how far it has come, so any process may claim what another left.
 *
 * @param <W> a work and how far it is
 */
final class LongWork<W> {

    private final Logger log;
    private final String what;
    private final Function<W, Object> id;
    private final Supplier<Uni<Optional<W>>> claim;
    private final Function<W, Uni<Optional<W>>> step;
    private final Function<W, Uni<Void>> release;

    /** So that one that takes hours does not keep the small ones waiting. */
    private static final int AT_ONCE = 4;

    /** A question whose connection died without a word would else be the last. */
    private static final Duration LONGEST_STEP = Duration.ofMinutes(5);

    private final AtomicInteger busy = new AtomicInteger();

    /** Those of this process: a claim of one of them has only made its claim last longer. */
    private final Set<Object> inHand = ConcurrentHashMap.newKeySet();

    private volatile String lastFailure = "";

    /**
     * @param what for the log, as in "an import"
     * @param id of a work
     * @param claim a work that nobody does, if there is one
     * @param step the work after one step, absent once it is finished
     * @param release lets any process claim it, after a step that failed
     */
    LongWork(
            Logger log,
            String what,
            Function<W, Object> id,
            Supplier<Uni<Optional<W>>> claim,
            Function<W, Uni<Optional<W>>> step,
            Function<W, Uni<Void>> release) {
        this.log = log;
        this.what = what;
        this.id = id;
        this.claim = claim;
        this.step = step;
        this.release = release;
    }

    /**
     * Begins with one more that nobody does, unless as many are being done as may be. What fails is
     * tried again another time.
     */
    void goOn() {
        if (busy.getAndUpdate(n -> Math.min(n + 1, AT_ONCE)) == AT_ONCE) {
            return;
        }
        Uni.createFrom()
                .deferred(() -> claim.get())
                .chain(claimed ->
                        claimed.isPresent() && inHand.add(id.apply(claimed.get()))
                                ? carryOut(claimed.get())
                                : Uni.createFrom().voidItem())
                .onTermination()
                .invoke(() -> busy.decrementAndGet())
                .subscribe()
                .with(done -> lastFailure = "", this::failed);
    }

    /** Once, however often it fails the same way: in an outage, or while the process goes down. */
    private void failed(Throwable failure) {
        String now = failure.toString();
        if (!now.equals(lastFailure)) {
            log.warnf("%s cannot go on now, trying again until it can: %s", what, now);
        }
        lastFailure = now;
    }

    private Uni<Void> carryOut(W claimed) {
        AtomicReference<W> now = new AtomicReference<>(claimed);
        return Multi.createBy()
                .repeating()
                .uni(() -> step.apply(now.get()).ifNoItem().after(LONGEST_STEP).fail())
                .whilst(Optional::isPresent)
                .invoke(next -> next.ifPresent(now::set))
                .collect()
                .last()
                .replaceWithVoid()
                .onFailure()
                .call(() -> release.apply(claimed))
                .onTermination()
                .invoke(() -> inHand.remove(id.apply(claimed)));
    }
}
