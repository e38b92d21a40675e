package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.identity.resolution.Evidence;
import io.throughline.identity.resolution.ResolutionRules;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.store.RuleStore;
import io.throughline.identity.store.RuleWorkStore;
import io.throughline.identity.store.RuleWorkStore.Claimed;
import io.throughline.identity.store.RuleWorkStore.Finding;
import io.throughline.identity.store.RuleWorkStore.Kind;
import io.throughline.identity.store.RuleWorkStore.Progress;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * New rules of resolution: in force for what comes at once, and then for everybody who is there,
 * some customers at a time in the order of their ids. A preview goes the same way with the same
 * code and stores nothing but what it found. Whoever the new rules connect with these is decided
 * about with them, so that it makes no difference who comes together by the order of ids.
 *
 * <p>Any process may do the next step; what a dead one left is taken up where it was.
 */
@ApplicationScoped
public class RuleChanges {

    private static final Logger LOG = Logger.getLogger(RuleChanges.class);
    private static final long EVERY_MILLIS = 500;
    private static final Duration CLAIMED = Duration.ofSeconds(30);
    private static final int AT_ONCE = 50;

    /** Every process reads the rules each second; by then all decide by the new ones. */
    private static final Duration KNOWN_EVERYWHERE = Duration.ofSeconds(3);

    private final Transactions transactions;
    private final RuleStore rules;
    private final RuleWorkStore work;
    private final Resolving resolving;
    private final Means means;
    private final LongWork<Claimed> going;

    /** Clock, dice and timers, and the rules in force. */
    @ApplicationScoped
    static class Means {

        private final Rules inForce;
        private final InstantSource clock;
        private final RandomGenerator random;
        private final Vertx vertx;

        Means(Rules inForce, InstantSource clock, RandomGenerator random, Vertx vertx) {
            this.inForce = inForce;
            this.clock = clock;
            this.random = random;
            this.vertx = vertx;
        }

        Instant now() {
            return clock.instant();
        }

        UUID id() {
            return Ids.timeOrdered(clock.instant(), random);
        }

        /** Of two changes on their way the newer holds. */
        RulesInForce rulesFor(Claimed claimed) {
            RulesInForce now = inForce.inForce();
            return claimed.kind() == Kind.CHANGE
                            && now.rules().version() >= claimed.rules().version()
                    ? now
                    : new RulesInForce(claimed.rules());
        }

        Uni<Void> refresh() {
            return inForce.refresh();
        }

        void every(long millis, Runnable what) {
            vertx.setPeriodic(millis, timer -> what.run());
        }
    }

    RuleChanges(
            Transactions transactions,
            RuleStore rules,
            RuleWorkStore work,
            Resolving resolving,
            Means means) {
        this.transactions = transactions;
        this.rules = rules;
        this.work = work;
        this.resolving = resolving;
        this.means = means;
        this.going =
                new LongWork<>(
                        LOG,
                        "a change of the rules",
                        Claimed::id,
                        this::claim,
                        this::step,
                        claimed -> work.release(claimed.id()));
    }

    void start(@Observes StartupEvent event) {
        means.every(EVERY_MILLIS, going::goOn);
    }

    /**
     * Puts rules in force.
     *
     * @param changed of the version after the one that they were made from
     * @return the work that applies them to everybody; absent where somebody else was first
     */
    public Uni<Optional<UUID>> change(ResolutionRules changed, String by) {
        UUID id = means.id();
        Instant now = means.now();
        return transactions
                .inTransaction(tx ->
                        rules.add(tx, changed, now, by)
                                .chain(added ->
                                        added
                                                ? work.begin(tx, id, Kind.CHANGE, changed, now)
                                                        .replaceWith(Optional.of(id))
                                                : Uni.createFrom().item(Optional.<UUID>empty())))
                .call(means::refresh);
    }

    /** Begins to find out what rules would change. */
    public Uni<UUID> preview(ResolutionRules asked) {
        UUID id = means.id();
        return transactions
                .inTransaction(tx -> work.begin(tx, id, Kind.PREVIEW, asked, means.now()))
                .replaceWith(id);
    }

    public Uni<Optional<Progress>> progress(UUID id, Kind kind) {
        return work.progress(id, kind);
    }

    public Uni<Optional<Progress>> lastChange() {
        return work.lastChange();
    }

    private Uni<Optional<Claimed>> claim() {
        Instant now = means.now();
        return transactions.inTransaction(
                tx -> work.claim(tx, now, now.minus(KNOWN_EVERYWHERE), now.plus(CLAIMED)));
    }

    private Uni<Optional<Claimed>> step(Claimed claimed) {
        return step(claimed, claimed.lastCustomer())
                .map(last -> last.map(customer -> claimed.after(customer)));
    }

    /**
     * The next customers; one alone where not all of them can be decided about together, and none
     * of them is left out because of another.
     */
    private Uni<Optional<UUID>> step(Claimed claimed, @Nullable UUID after) {
        return transactions
                .inTransaction(tx -> step(tx, claimed, after, AT_ONCE))
                .onFailure()
                .recoverWithUni(
                        together -> transactions.inTransaction(tx -> step(tx, claimed, after, 1)))
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(failure -> leaveOut(claimed, after, failure));
    }

    private Uni<Optional<UUID>> step(
            SqlConnection tx, Claimed claimed, @Nullable UUID after, int most) {
        return work.next(tx, after, most)
                .chain(customers ->
                        customers.isEmpty()
                                ? work.finish(tx, claimed.id(), means.now())
                                        .replaceWith(Optional.<UUID>empty())
                                : decide(tx, claimed, customers)
                                        .replaceWith(Optional.of(customers.getLast().value())));
    }

    private Uni<Void> decide(SqlConnection tx, Claimed claimed, List<CustomerId> customers) {
        RulesInForce by = means.rulesFor(claimed);
        return work.seen(tx, customers)
                .chain(seen ->
                        resolving.reconsider(
                                tx,
                                customers,
                                joining(seen, by),
                                by,
                                claimed.kind() == Kind.CHANGE))
                .chain(changes -> advance(tx, claimed, customers, RuleWorkStore.findings(changes)));
    }

    private Uni<Optional<UUID>> leaveOut(Claimed claimed, @Nullable UUID after, Throwable failure) {
        return transactions.inTransaction(tx ->
                work.next(tx, after, 1)
                        .call(customers ->
                                advance(tx, claimed, customers, List.of())
                                        .invoke(() ->
                                                LOG.errorf(
                                                        failure,
                                                        "rules cannot be applied to customer %s",
                                                        customers.getFirst())))
                        .map(customers -> Optional.of(customers.getFirst().value())));
    }

    private Uni<Void> advance(
            SqlConnection tx, Claimed claimed, List<CustomerId> done, List<Finding> found) {
        return work.advance(tx, claimed.id(), done, found, means.now().plus(CLAIMED));
    }

    private static Set<Identifier> joining(List<Evidence> seen, RulesInForce rules) {
        return seen.stream()
                .flatMap(evidence -> rules.joining(evidence).stream())
                .collect(Collectors.toSet());
    }
}
