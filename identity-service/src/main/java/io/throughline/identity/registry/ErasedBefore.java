package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.erasure.OneWay;
import io.throughline.identity.store.ConcurrentChange;
import io.throughline.identity.store.ErasureStore;
import io.throughline.identity.store.Hashes;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What came, or was said, before somebody it names was erased: it must not bring her back, however
 * late it is applied. Almost always nobody was erased since, which one small question tells.
 */
@ApplicationScoped
public class ErasedBefore {

    private final ErasureStore erasures;
    private final OneWay oneWay;

    ErasedBefore(ErasureStore erasures, OneWay oneWay) {
        this.erasures = erasures;
        this.oneWay = oneWay;
    }

    /**
     * Those of the things that are from before an erasure of one of their identifiers.
     *
     * @param from when each is from
     */
    public <T> Uni<Set<T>> of(
            SqlConnection tx,
            List<T> things,
            Function<T, List<Identifier>> named,
            Function<T, Instant> from) {
        return things.stream()
                .map(from)
                .min(Instant::compareTo)
                .map(oldest ->
                        erasures.anySince(tx, oldest)
                                .chain(any ->
                                        any
                                                ? look(tx, things, named, from)
                                                : Uni.createFrom().item(Set.<T>of())))
                .orElseGet(() -> Uni.createFrom().item(Set.of()));
    }

    /** The events without those that were accepted before somebody was erased, and name her. */
    Uni<List<AcceptedEvent>> without(SqlConnection tx, List<AcceptedEvent> events) {
        return of(tx, events).map(gone -> events.stream().filter(e -> !gone.contains(e)).toList());
    }

    /**
     * To be asked again once the events' customers are locked: while that was waited for, somebody
     * may have been erased under the lock.
     *
     * @throws SurroundingsFault (as a failure) when it was so, and the work has to be done anew
     */
    Uni<Void> since(SqlConnection tx, List<AcceptedEvent> events) {
        return since(tx, events, AcceptedEvent::identifiers, AcceptedEvent::receivedAt);
    }

    /** The same of things that are no events. */
    <T> Uni<Void> since(
            SqlConnection tx,
            List<T> things,
            Function<T, List<Identifier>> named,
            Function<T, Instant> from) {
        return of(tx, things, named, from)
                .invoke(gone -> {
                    if (!gone.isEmpty()) {
                        throw new SurroundingsFault(
                                "somebody came first",
                                new ConcurrentChange("a customer was erased meanwhile"));
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Set<AcceptedEvent>> of(SqlConnection tx, List<AcceptedEvent> events) {
        return of(tx, events, AcceptedEvent::identifiers, AcceptedEvent::receivedAt);
    }

    private <T> Uni<Set<T>> look(
            SqlConnection tx,
            List<T> things,
            Function<T, List<Identifier>> named,
            Function<T, Instant> from) {
        List<byte[]> hashes =
                things.stream()
                        .flatMap(thing -> named.apply(thing).stream())
                        .distinct()
                        .map(oneWay::identifier)
                        .toList();
        return erasures.erasedAt(tx, hashes)
                .map(erased -> {
                    Set<T> before = new HashSet<>();
                    for (T thing : things) {
                        if (isBefore(from.apply(thing), named.apply(thing), erased)) {
                            before.add(thing);
                        }
                    }
                    return before;
                });
    }

    private boolean isBefore(
            Instant from, List<Identifier> identifiers, Map<String, Instant> erased) {
        return identifiers.stream()
                .map(identifier -> erased.get(Hashes.key(oneWay.identifier(identifier))))
                .anyMatch(at -> at != null && !from.isAfter(at));
    }
}
