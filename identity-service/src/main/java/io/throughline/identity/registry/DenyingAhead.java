package io.throughline.identity.registry;

import static java.util.stream.Collectors.toSet;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.consent.About;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.resolution.Evidence;
import io.throughline.identity.resolution.RulesInForce;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.PermissionStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Lets the gate deny while an opt-out or a conversion is still being written down: who holds an
 * identifier is one question, and whose it is by all that is known of it are many. Nothing is
 * promised by it, since no lock is held: what is acknowledged was put in force by the work itself,
 * under the customer's lock. Until then the gate is stricter than the ledger, and never looser. Of
 * an address nothing is said ahead: its stop is kept for good, and nobody gives it back.
 */
@ApplicationScoped
public class DenyingAhead {

    private static final Logger LOG = Logger.getLogger(DenyingAhead.class);

    private final CustomerReader customers;
    private final ConsentEnforcement consents;
    private final Enforcement enforcement;
    private final Conversions conversions;
    private final Rules rules;
    private final PermissionStore permissions;
    private final Transactions transactions;
    private final InstantSource clock;

    DenyingAhead(
            CustomerReader customers,
            ConsentEnforcement consents,
            Enforcement enforcement,
            Conversions conversions,
            Rules rules,
            PermissionStore permissions,
            Transactions transactions,
            InstantSource clock) {
        this.customers = customers;
        this.consents = consents;
        this.enforcement = enforcement;
        this.conversions = conversions;
        this.rules = rules;
        this.permissions = permissions;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Whom the gate denies something, and because of what.
     *
     * @param what a channel and topic, or the cause of a silence
     */
    private record Denied(CustomerId customer, Object what) {}

    /**
     * Does the work, which takes what is stated, and denies what opts out meanwhile.
     *
     * @return what the work gives
     */
    public Uni<List<Consent>> optOuts(List<Statement> statements, Uni<List<Consent>> work) {
        List<Statement> optOuts =
                statements.stream().filter(s -> s.state() == ConsentState.OPTED_OUT).toList();
        return optOuts.isEmpty()
                ? work
                : meanwhile(deny(optOuts), work, taken -> deniedBy(taken).collect(toSet()));
    }

    /**
     * Does the work, which takes events in, and begins the silences of conversions meanwhile.
     *
     * @param work gives the events that nobody had taken in before, and whose they are
     */
    Uni<List<Owned>> silences(List<AcceptedEvent> events, Uni<List<Owned>> work) {
        List<AcceptedEvent> converting = events.stream().filter(conversions::isConversion).toList();
        return converting.isEmpty()
                ? work
                : meanwhile(
                        silence(converting),
                        work,
                        taken ->
                                taken.stream()
                                        .flatMap(one -> silences(one.customer(), one.event()))
                                        .map(DenyingAhead::deniedBy)
                                        .collect(toSet()));
    }

    /** Where the work comes to nothing its customers are owed what the ledger says, too. */
    private <T> Uni<T> meanwhile(
            Uni<Set<Denied>> denying, Uni<T> work, Function<T, Set<Denied>> meant) {
        Uni<Set<Denied>> denied =
                denying.onFailure()
                        .invoke(failure -> LOG.debugf("denied only once it is stored: %s", failure))
                        .onFailure()
                        .recoverWithItem(Set.of())
                        .memoize()
                        .indefinitely();
        Supplier<Uni<?>> giveAllBack =
                () ->
                        denied.chain(all -> giveBack(all, Set.of()))
                                .onFailure()
                                .recoverWithItem(stillAway -> null);
        return Uni.combine()
                .all()
                .unis(denied, work)
                .asTuple()
                .call(both -> giveBack(both.getItem1(), meant.apply(both.getItem2())))
                .map(both -> both.getItem2())
                .onFailure()
                .call(giveAllBack)
                .onCancellation()
                .call(giveAllBack);
    }

    private Uni<Set<Denied>> deny(List<Statement> optOuts) {
        Instant now = clock.instant();
        return customers
                .holders(optOuts.stream().map(Statement::identifier).toList())
                .map(holders ->
                        optOuts.stream()
                                .filter(optOut -> holders.containsKey(optOut.identifier()))
                                .map(optOut ->
                                        optOut.by(holders.get(optOut.identifier()), now)
                                                .ofNoAddress())
                                .toList())
                .chain(said ->
                        whetherAnswered(consents.tighten(said))
                                .replaceWith(() -> deniedBy(said).collect(toSet())));
    }

    private Uni<Set<Denied>> silence(List<AcceptedEvent> converting) {
        RulesInForce now = rules.inForce();
        Map<AcceptedEvent, Identifier> named = new LinkedHashMap<>();
        for (AcceptedEvent event : converting) {
            now.joining(named(event)).stream()
                    .min(now.strongestFirst())
                    .ifPresent(strongest -> named.put(event, strongest));
        }
        return customers
                .holders(new HashSet<>(named.values()))
                .map(holders ->
                        named.entrySet().stream()
                                .filter(one -> holders.containsKey(one.getValue()))
                                .flatMap(one ->
                                        silences(
                                                Objects.requireNonNull(holders.get(one.getValue())),
                                                one.getKey()))
                                .toList())
                .chain(silences ->
                        whetherAnswered(enforcement.silences(silences))
                                .replaceWith(() ->
                                        silences.stream()
                                                .map(DenyingAhead::deniedBy)
                                                .collect(toSet())));
    }

    private static Evidence named(AcceptedEvent event) {
        return io.throughline.identity.resolution.Statement.linksOf(event).evidence();
    }

    private Stream<SilenceWrite> silences(CustomerId customer, AcceptedEvent event) {
        return conversions.silencesOf(customer, event).stream()
                .filter(silence -> !silence.lifted());
    }

    /** What was not answered may be in force all the same. */
    private static Uni<Void> whetherAnswered(Uni<?> written) {
        return written.replaceWithVoid().onFailure().recoverWithItem(failure -> null);
    }

    private static Denied deniedBy(SilenceWrite silence) {
        return new Denied(silence.customer(), silence.cause());
    }

    private static Stream<Denied> deniedBy(List<Consent> consents) {
        return consents.stream()
                .filter(consent -> consent.state() == ConsentState.OPTED_OUT)
                .flatMap(consent ->
                        Stream.ofNullable(consent.customer())
                                .map(customer ->
                                        new Denied(
                                                customer,
                                                new About(consent.channel(), consent.topic()))));
    }

    /** Who was meant only at first sight is owed what the ledger says of her. */
    private Uni<Void> giveBack(Set<Denied> denied, Set<Denied> meant) {
        List<CustomerId> others =
                denied.stream()
                        .filter(one -> !meant.contains(one))
                        .map(Denied::customer)
                        .distinct()
                        .sorted()
                        .toList();
        return others.isEmpty()
                ? Uni.createFrom().voidItem()
                : transactions.inTransaction(tx -> permissions.restate(tx, others));
    }
}
