package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.resolution.Evidence;
import io.throughline.identity.resolution.Occasion;
import io.throughline.identity.resolution.Separations.Pair;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.CustomerStore;
import io.throughline.identity.store.SeparationStore;
import io.throughline.identity.store.SeparationStore.MergeRecord;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What people decide about who is who: an identifier is not this customer's, two customers were not
 * one after all, an identifier is hers indeed. A decision stands against all evidence, that which
 * is there and that which is to come, until it is taken back.
 */
@ApplicationScoped
public class Separating {

    private final Transactions transactions;
    private final Resolving resolving;
    private final CustomerStore customers;
    private final SeparationStore separations;
    private final InstantSource clock;

    Separating(
            Transactions transactions,
            Resolving resolving,
            CustomerStore customers,
            SeparationStore separations,
            InstantSource clock) {
        this.transactions = transactions;
        this.resolving = resolving;
        this.customers = customers;
        this.separations = separations;
        this.clock = clock;
    }

    /**
     * What came of a decision.
     *
     * @param other whose it is now; absent where nobody holds it
     */
    public record Outcome(CustomerId customer, @Nullable CustomerId other) {}

    /**
     * An identifier is not this customer's.
     *
     * @return absent where it was not hers, or nothing would be left of her
     */
    public Uni<@Nullable Outcome> unlink(CustomerId customer, Identifier identifier, String by) {
        return this.<@Nullable Outcome>inTransaction(tx ->
                customers
                        .lock(tx, List.of(customer))
                        .chain(() -> separations.held(tx, customer))
                        .chain(held -> unlink(tx, customer, identifier, held, by)));
    }

    private Uni<@Nullable Outcome> unlink(
            SqlConnection tx,
            CustomerId customer,
            Identifier identifier,
            List<Identifier> held,
            String by) {
        if (!held.contains(identifier) || held.size() == 1) {
            return Uni.createFrom().nullItem();
        }
        Set<Identifier> stays = new TreeSet<>(held);
        stays.remove(identifier);
        List<Pair> pairs = stays.stream().map(other -> new Pair(identifier, other)).toList();
        return apart(tx, customer, identifier, pairs, stays, true, by);
    }

    /**
     * Two customers were not one after all: what each held when they were merged is never one
     * customer's again.
     *
     * @return absent where the one was not merged into the other
     */
    public Uni<@Nullable Outcome> undo(CustomerId customer, CustomerId merged, String by) {
        return this.<@Nullable Outcome>inTransaction(tx ->
                customers
                        .lock(tx, List.of(customer))
                        .chain(() -> separations.merge(tx, customer, merged))
                        .chain(merge ->
                                merge == null || merge.mergedHeld().isEmpty()
                                        ? Uni.createFrom().nullItem()
                                        : separations
                                                .merges(tx, customer)
                                                .chain(all -> undo(tx, customer, merge, all, by))));
    }

    private Uni<@Nullable Outcome> undo(
            SqlConnection tx,
            CustomerId customer,
            MergeRecord merge,
            List<MergeRecord> all,
            String by) {
        List<Pair> pairs = new ArrayList<>();
        for (Identifier one : merge.mergedHeld()) {
            for (Identifier other : merge.survivorHeld()) {
                pairs.add(new Pair(one, other));
            }
        }
        return apart(
                tx,
                customer,
                merge.mergedHeld().getFirst(),
                pairs,
                new TreeSet<>(heldBefore(customer, merge, all)),
                false,
                by);
    }

    /**
     * What the customer held before. Where the two had become one under another id, and that one
     * hers later, it is what she held before her first merge.
     *
     * @param all her merges, newest first
     */
    private static List<Identifier> heldBefore(
            CustomerId customer, MergeRecord merge, List<MergeRecord> all) {
        return merge.survivor().equals(customer)
                ? merge.survivorHeld()
                : all.reversed().stream()
                        .filter(one -> one.survivor().equals(customer))
                        .findFirst()
                        .orElse(merge)
                        .survivorHeld();
    }

    private Uni<@Nullable Outcome> apart(
            SqlConnection tx,
            CustomerId customer,
            Identifier identifier,
            List<Pair> pairs,
            Set<Identifier> stays,
            boolean whole,
            String by) {
        return resolving
                .separate(
                        tx,
                        customer,
                        new Resolving.Separation(stays, pairs, whole, by + "/" + UUID.randomUUID()))
                .chain(() -> separations.add(tx, pairs, clock.instant(), by))
                .chain(() -> separations.holder(tx, identifier))
                .map(holder -> new Outcome(customer, holder));
    }

    /**
     * An identifier is this customer's indeed: somebody verified it. What was taken apart before is
     * joined again; other rules still hold.
     *
     * @return absent where the customer holds nothing by which she could be named
     */
    public Uni<@Nullable Outcome> link(CustomerId customer, Identifier identifier, String by) {
        return this.<@Nullable Outcome>inTransaction(tx ->
                customers
                        .lock(tx, List.of(customer))
                        .chain(() -> separations.held(tx, customer))
                        .chain(held ->
                                held.isEmpty()
                                        ? Uni.createFrom().nullItem()
                                        : link(tx, customer, held, identifier, by)));
    }

    private Uni<@Nullable Outcome> link(
            SqlConnection tx,
            CustomerId customer,
            List<Identifier> held,
            Identifier identifier,
            String by) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Identifier anchor = held.stream().min(Identifiers.STRONGEST_FIRST).orElseThrow();
        Statement verified =
                new Statement(
                        Evidence.of(List.of(anchor, identifier), Trust.TRUSTED),
                        new Occasion(now, "verified", by + "/" + UUID.randomUUID()),
                        known -> known.withAddress(identifier, now, "verified by " + by));
        return separations
                .remove(tx, identifier, held)
                .chain(() -> resolving.say(tx, customer, verified))
                .chain(() -> separations.holder(tx, anchor))
                .chain(owner ->
                        separations
                                .holder(tx, identifier)
                                .map(holder ->
                                        new Outcome(owner == null ? customer : owner, holder)));
    }

    /** The merges that made a customer, newest first. */
    public Uni<List<MergeRecord>> merges(CustomerId customer) {
        return inTransaction(tx -> separations.merges(tx, customer));
    }

    private <T extends @Nullable Object> Uni<T> inTransaction(
            Function<SqlConnection, Uni<T>> work) {
        return CameSecond.again(() -> transactions.inTransaction(work), CameSecond.TRIES);
    }
}
