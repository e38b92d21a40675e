package io.throughline.identity.registry;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.store.PermissionStore;
import io.throughline.identity.store.SuppressionStore.Place;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Puts what was decided in force at the gate. What restricts is written before the transaction
 * commits: should it then not commit, the gate is stricter than the truth until the work is done
 * again, and never looser. A gate that does not answer fails the work.
 */
@ApplicationScoped
class Enforcement {

    private final ContactGate gate;
    private final PermissionStore permissions;
    private final Suppressing suppressing;
    private final UncommittedMerges merges;

    Enforcement(
            ContactGate gate,
            PermissionStore permissions,
            Suppressing suppressing,
            UncommittedMerges merges) {
        this.gate = gate;
        this.permissions = permissions;
        this.suppressing = suppressing;
        this.merges = merges;
    }

    /** Splits, merges, whereabouts, and what was said of addresses before anybody had them. */
    Uni<Void> changes(SqlConnection tx, Changes changes) {
        merges.begin(changes.merges());
        return inOrder(changes.unlinked(), this::split)
                .chain(() -> inOrder(changes.merges(), this::merge))
                .chain(() -> zones(changes.rezoned()))
                .chain(() -> addresses(tx, changes.identifiers()));
    }

    /**
     * A stop of an address that nobody had may have been lost by Redis since, and no hydration
     * brings it back: the customer who gets the address now is known already.
     */
    private Uni<Void> addresses(SqlConnection tx, List<Changes.Placed> placed) {
        List<Changes.Placed> arrived = placed.stream().filter(Changes.Placed::arrived).toList();
        return suppressing
                .recall(tx, arrived)
                .chain(() ->
                        permissions.ofAddresses(
                                tx, arrived.stream().map(Changes.Placed::identifier).toList()))
                .chain(said ->
                        said.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : answered(() -> gate.consent(said)).replaceWithVoid());
    }

    Uni<Void> silences(List<SilenceWrite> silences) {
        return silences.isEmpty()
                ? Uni.createFrom().voidItem()
                : answered(() -> gate.silence(silences));
    }

    Uni<Void> consent(ConsentWrite consent) {
        return consents(List.of(consent)).replaceWithVoid();
    }

    /**
     * @return when the latest opt-in was said that counts in the place of one of the opt-outs
     */
    Uni<Optional<Instant>> consents(List<ConsentWrite> consents) {
        return consents.isEmpty()
                ? Uni.createFrom().item(Optional.empty())
                : answered(() -> gate.consent(consents));
    }

    /**
     * Stops the addresses, so that nobody else is written to at them either, and forgets the
     * customers. Done when nothing is under way to them any more.
     */
    Uni<Void> erase(List<CustomerId> customers, List<Place> places, Instant at) {
        List<ConsentWrite> stops =
                places.stream()
                        .map(place ->
                                new ConsentWrite(
                                        null,
                                        place.address(),
                                        place.channel(),
                                        null,
                                        ConsentState.OPTED_OUT,
                                        at))
                        .toList();
        return answered(() -> stopped(stops).chain(() -> gate.erase(customers)));
    }

    /** An opt-in by a host whose clock is ahead is not later than this. */
    private Uni<Void> stopped(List<ConsentWrite> stops) {
        return consents(stops)
                .chain(outdone ->
                        outdone.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : stopped(
                                        stops.stream()
                                                .map(stop -> stop.after(outdone.get()))
                                                .toList()));
    }

    /** Both sides are as restricted as the one was, until the ledger's word is committed. */
    private Uni<Void> split(Changes.Unlinked unlinked) {
        return answered(() -> gate.split(unlinked.from(), unlinked.to()));
    }

    private Uni<Void> merge(Changes.Merged merge) {
        return answered(() -> gate.merge(merge.survivor(), merge.merged()));
    }

    /** Each is another customer's, so none waits for another. */
    private Uni<Void> zones(List<Profile> rezoned) {
        return rezoned.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join()
                        .all(rezoned.stream().map(this::zone).toList())
                        .andFailFast()
                        .replaceWithVoid();
    }

    private Uni<Void> zone(Profile profile) {
        Whereabouts where = profile.whereabouts();
        return answered(() -> gate.whereabouts(profile.id(), where));
    }

    private static <T> Uni<Void> inOrder(List<T> items, Function<T, Uni<? extends Void>> work) {
        return Multi.createFrom()
                .iterable(items)
                .onItem()
                .transformToUniAndConcatenate(work)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private static <T> Uni<T> answered(Supplier<Uni<? extends T>> write) {
        return Uni.createFrom()
                .deferred(write)
                .onFailure()
                .transform(failure -> new SurroundingsFault("the gate did not answer", failure));
    }
}
