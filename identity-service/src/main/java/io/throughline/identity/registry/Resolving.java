package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.resolution.Directory;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.resolution.Separations;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.ChangeStore;
import io.throughline.identity.store.ConcurrentChange;
import io.throughline.identity.store.PermissionStore;
import io.throughline.identity.store.ResolutionStore;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One unit of resolution within a transaction: lock and load what it is about, decide in a {@link
 * Directory}, store, put in force, tell.
 */
@ApplicationScoped
class Resolving {

    private final ResolutionStore resolution;
    private final ChangeStore changes;
    private final Telling telling;
    private final Enforcement enforcement;
    private final Deciding deciding;

    /** What decisions are made with. */
    @ApplicationScoped
    static class Deciding {

        private final Births births;
        private final Rules rules;
        private final InstantSource clock;

        Deciding(Births births, Rules rules, InstantSource clock) {
            this.births = births;
            this.rules = rules;
            this.clock = clock;
        }

        /** Fails with a {@link SurroundingsFault} where they have not been read yet. */
        Uni<RulesInForce> rules() {
            return Uni.createFrom().item(rules::inForce);
        }

        boolean areRulesKnown() {
            return rules.areKnown();
        }

        Directory directory(Directory.Before before, RulesInForce by) {
            return births.directory(before, by);
        }

        Instant now() {
            return clock.instant().truncatedTo(ChronoUnit.MICROS);
        }
    }

    /** Where what happened is written down, for people and for the other services. */
    @ApplicationScoped
    static class Telling {

        private final TimelineStore timeline;
        private final PermissionStore permissions;
        private final Outbox outbox;

        Telling(TimelineStore timeline, PermissionStore permissions, Outbox outbox) {
            this.timeline = timeline;
            this.permissions = permissions;
            this.outbox = outbox;
        }

        Uni<Void> note(SqlConnection tx, List<TimelineEntry> entries) {
            return timeline.append(tx, entries);
        }

        Uni<Map<CustomerId, List<ConsentWrite>>> standing(
                SqlConnection tx, Set<CustomerId> customers) {
            return permissions.standing(tx, customers);
        }

        Uni<Void> tell(SqlConnection tx, List<ContractEvent> events) {
            return outbox.append(tx, events);
        }
    }

    Resolving(
            ResolutionStore resolution,
            ChangeStore changes,
            Telling telling,
            Enforcement enforcement,
            Deciding deciding) {
        this.resolution = resolution;
        this.changes = changes;
        this.telling = telling;
        this.enforcement = enforcement;
        this.deciding = deciding;
    }

    /** Whether anything can be decided: it cannot before the rules have been read. */
    boolean areRulesKnown() {
        return deciding.areRulesKnown();
    }

    /**
     * Takes statements in and says whose each of them is. Fails with a {@link SurroundingsFault}
     * where another unit of work came first, the gate did not answer or the rules have not been
     * read yet: the transaction must then be rolled back, and trying again helps.
     */
    Uni<Function<Statement, CustomerId>> resolve(
            SqlConnection tx, Collection<Statement> statements) {
        return take(tx, statements, true).map(Taken::owner);
    }

    /**
     * What came of statements.
     *
     * @param owner whose each of them is
     */
    record Taken(Changes changes, Function<Statement, CustomerId> owner) {}

    /**
     * The same, and what it changed.
     *
     * @param keep whether it is stored; where not, it is only told
     */
    Uni<Taken> take(SqlConnection tx, Collection<Statement> statements, boolean keep) {
        return deciding.rules().chain(rules -> take(tx, statements, rules, keep));
    }

    private Uni<Taken> take(
            SqlConnection tx, Collection<Statement> statements, RulesInForce rules, boolean keep) {
        return resolution
                .load(tx, statements, rules)
                .chain(before -> {
                    Directory directory = deciding.directory(before, rules);
                    directory.take(statements);
                    return (keep
                                    ? commit(tx, directory)
                                    : Uni.createFrom().item(directory.changes()))
                            .map(changes -> new Taken(changes, directory::owner));
                })
                .onFailure(ConcurrentChange.class)
                .transform(Resolving::cameSecond);
    }

    /** Whose one statement is. */
    Uni<CustomerId> owner(SqlConnection tx, Statement statement) {
        return resolve(tx, List.of(statement)).map(owner -> owner.apply(statement));
    }

    /**
     * Decides anew about a customer whom somebody took apart, and everybody who is connected with
     * her.
     *
     * @see Directory#separate
     */
    Uni<Changes> separate(SqlConnection tx, CustomerId customer, Separation separation) {
        return decide(
                tx,
                customer,
                separation.named(),
                directory ->
                        directory.separate(
                                customer,
                                separation.stays(),
                                separation.pairs(),
                                separation.whole(),
                                "separated",
                                separation.cause()));
    }

    /** Decides anew about a customer and everybody who is connected with her by what is said. */
    Uni<Changes> say(SqlConnection tx, CustomerId customer, Statement said) {
        return decide(
                tx,
                customer,
                said.evidence().identifiers(),
                directory -> directory.say(List.of(said)));
    }

    private Uni<Changes> decide(
            SqlConnection tx,
            CustomerId customer,
            Set<Identifier> with,
            Consumer<Directory> decision) {
        return deciding.rules().chain(rules -> decide(tx, customer, with, decision, rules));
    }

    private Uni<Changes> decide(
            SqlConnection tx,
            CustomerId customer,
            Set<Identifier> with,
            Consumer<Directory> decision,
            RulesInForce rules) {
        return resolution
                .loadConnected(tx, List.of(customer), with, rules)
                .chain(before -> {
                    Directory directory = deciding.directory(before, rules);
                    decision.accept(directory);
                    return commit(tx, directory);
                })
                .onFailure(ConcurrentChange.class)
                .transform(Resolving::cameSecond);
    }

    /**
     * How somebody took a customer apart, as {@link Directory#separate} has it.
     *
     * @param stays what her id stays with
     * @param pairs that are never one customer's any more; not stored yet
     * @param whole whether what only one of them held together is to stay
     */
    record Separation(
            Set<Identifier> stays, List<Separations.Pair> pairs, boolean whole, String cause) {

        Set<Identifier> named() {
            Set<Identifier> named = new HashSet<>(stays);
            pairs.forEach(pair -> named.addAll(List.of(pair.one(), pair.other())));
            return named;
        }
    }

    /**
     * Decides anew about customers and everybody who is connected with them, by other rules than
     * those in force.
     *
     * @param with identifiers whose customers are meant too
     * @param keep whether what comes of it is stored; where not, it is only told
     */
    Uni<Changes> reconsider(
            SqlConnection tx,
            Collection<CustomerId> customers,
            Collection<Identifier> with,
            RulesInForce rules,
            boolean keep) {
        return resolution
                .loadConnected(tx, customers, with, rules)
                .chain(before -> {
                    Directory directory = deciding.directory(before, rules);
                    directory.reconsider();
                    return keep
                            ? commit(tx, directory)
                            : Uni.createFrom().item(directory.changes());
                })
                .onFailure(ConcurrentChange.class)
                .transform(Resolving::cameSecond);
    }

    private static Throwable cameSecond(Throwable lost) {
        return new SurroundingsFault("somebody else came first", lost);
    }

    private Uni<Changes> commit(SqlConnection tx, Directory directory) {
        Changes made = directory.changes();
        Instant now = deciding.now();
        return made.isEmpty()
                ? Uni.createFrom().item(made)
                : changes.save(tx, made, now)
                        .chain(() -> telling.note(tx, entries(made, now)))
                        .chain(() -> standing(tx, made))
                        .chain(standing -> telling.tell(tx, events(made, standing, now)))
                        .chain(() -> enforcement.changes(tx, made))
                        .replaceWith(made);
    }

    /**
     * What counts of the consents of those who were taken apart, as it is stored by now. Of one who
     * was merged away in the same change nothing is stored any more; what counts of her is what
     * counts of the survivor.
     */
    private Uni<Map<CustomerId, List<ConsentWrite>>> standing(SqlConnection tx, Changes made) {
        Map<CustomerId, CustomerId> became = new HashMap<>();
        for (Changes.Unlinked unlinked : made.unlinked()) {
            became.put(unlinked.from(), unlinked.from());
            became.put(unlinked.to(), unlinked.to());
        }
        for (Changes.Merged merge : made.merges()) {
            became.replaceAll((asked, is) -> is.equals(merge.merged()) ? merge.survivor() : is);
        }
        return telling.standing(tx, Set.copyOf(became.values()))
                .map(counting -> {
                    Map<CustomerId, List<ConsentWrite>> standing = new HashMap<>();
                    became.forEach((asked, is) ->
                            standing.put(asked, counting.getOrDefault(is, List.of())));
                    return standing;
                });
    }

    /** Who somebody is comes before what is known of her, and a split before a merge. */
    private static List<ContractEvent> events(
            Changes made, Map<CustomerId, List<ConsentWrite>> standing, Instant now) {
        List<ContractEvent> events = new ArrayList<>();
        for (Changes.Unlinked unlinked : made.unlinked()) {
            events.add(
                    new IdentifiersUnlinked(
                            unlinked.from(),
                            unlinked.to(),
                            unlinked.identifiers(),
                            unlinked.sightings(),
                            consents(standing.getOrDefault(unlinked.from(), List.of())),
                            consents(standing.getOrDefault(unlinked.to(), List.of())),
                            unlinked.cause().messageId(),
                            now));
        }
        for (Changes.Merged merge : made.merges()) {
            events.add(
                    new CustomersMerged(
                            merge.survivor(), merge.merged(), merge.cause().messageId(), now));
        }
        made.published().forEach(profile -> events.add(profile.toEvent()));
        return events;
    }

    private static List<IdentifiersUnlinked.Consent> consents(List<ConsentWrite> said) {
        return said.stream()
                .map(c ->
                        new IdentifiersUnlinked.Consent(c.channel(), c.topic(), c.state(), c.at()))
                .toList();
    }

    private static List<TimelineEntry> entries(Changes made, Instant now) {
        List<TimelineEntry> entries = new ArrayList<>();
        for (Changes.Unlinked unlinked : made.unlinked()) {
            Map<String, Object> entry =
                    Map.of(
                            "from", unlinked.from(),
                            "to", unlinked.to(),
                            "identifiers", unlinked.identifiers(),
                            "cause", unlinked.cause().messageId());
            entries.add(new TimelineEntry(unlinked.from(), now, "unlink", entry));
            entries.add(new TimelineEntry(unlinked.to(), now, "unlink", entry));
        }
        for (Changes.Merged merge : made.merges()) {
            entries.add(
                    new TimelineEntry(
                            merge.survivor(),
                            now,
                            "merge",
                            Map.of(
                                    "merged", merge.merged(),
                                    "cause", merge.cause().messageId())));
        }
        for (Changes.RefusedLink refused : made.refused()) {
            entries.add(
                    new TimelineEntry(
                            refused.customer(),
                            refused.cause().at(),
                            "link-refused",
                            Map.of(
                                    "identifier", refused.refusal().identifier(),
                                    "why", refused.refusal().why(),
                                    "detail", refused.refusal().detail(),
                                    "cause", refused.cause().messageId())));
        }
        return entries;
    }
}
