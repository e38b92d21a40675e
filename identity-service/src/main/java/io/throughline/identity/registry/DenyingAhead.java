package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.PermissionStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Lets the gate deny while an opt-out or a conversion is still being written down: who holds an
 * identifier is one question, and whose it is by all that is known of it are many. Nothing is
 * promised by it, since no lock is held: what is acknowledged was put in force by the work itself,
 * under the customer's lock. Until then the gate is stricter than the ledger, and never looser.
 */
@ApplicationScoped
public class DenyingAhead {

    private static final Logger LOG = Logger.getLogger(DenyingAhead.class);

    private final CustomerReader customers;
    private final ConsentEnforcement consents;
    private final Enforcement enforcement;
    private final Conversions conversions;
    private final PermissionStore permissions;
    private final Transactions transactions;
    private final InstantSource clock;

    DenyingAhead(
            CustomerReader customers,
            ConsentEnforcement consents,
            Enforcement enforcement,
            Conversions conversions,
            PermissionStore permissions,
            Transactions transactions,
            InstantSource clock) {
        this.customers = customers;
        this.consents = consents;
        this.enforcement = enforcement;
        this.conversions = conversions;
        this.permissions = permissions;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Does the work, which takes what is stated, and denies what opts out meanwhile.
     *
     * @return what the work gives
     */
    public Uni<List<Consent>> optOuts(List<Statement> statements, Uni<List<Consent>> work) {
        List<Statement> optOuts =
                statements.stream().filter(s -> s.state() == ConsentState.OPTED_OUT).toList();
        return optOuts.isEmpty() ? work : meanwhile(deny(optOuts), work, DenyingAhead::customers);
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
                : meanwhile(silence(converting), work, DenyingAhead::owners);
    }

    private <T> Uni<T> meanwhile(
            Uni<Set<CustomerId>> denied, Uni<T> work, Function<T, Set<CustomerId>> meant) {
        return Uni.combine()
                .all()
                .unis(
                        denied.onFailure()
                                .invoke(failure ->
                                        LOG.debugf("denied only once it is stored: %s", failure))
                                .onFailure()
                                .recoverWithItem(Set.of()),
                        work)
                .asTuple()
                .call(both -> giveBack(both.getItem1(), meant.apply(both.getItem2())))
                .map(both -> both.getItem2());
    }

    private Uni<Set<CustomerId>> deny(List<Statement> optOuts) {
        Instant now = clock.instant();
        return customers
                .holders(optOuts.stream().map(Statement::identifier).toList())
                .map(holders ->
                        optOuts.stream()
                                .map(optOut -> optOut.by(holders.get(optOut.identifier()), now))
                                .filter(said -> said.customer() != null || said.address() != null)
                                .toList())
                .chain(said -> consents.tighten(said).replaceWith(() -> customers(said)));
    }

    private Uni<Set<CustomerId>> silence(List<AcceptedEvent> converting) {
        Set<Identifier> named =
                converting.stream()
                        .flatMap(event -> event.identifiers().stream())
                        .collect(Collectors.toSet());
        return customers
                .holders(named)
                .map(holders ->
                        converting.stream()
                                .flatMap(event -> silences(event, holders))
                                .filter(silence -> !silence.lifted())
                                .toList())
                .chain(silences ->
                        enforcement
                                .silences(silences)
                                .replaceWith(() ->
                                        silences.stream()
                                                .map(SilenceWrite::customer)
                                                .collect(Collectors.toSet())));
    }

    private Stream<SilenceWrite> silences(
            AcceptedEvent event, Map<Identifier, CustomerId> holders) {
        return event.identifiers().stream()
                .filter(holders::containsKey)
                .map(holders::get)
                .distinct()
                .flatMap(customer -> conversions.silencesOf(customer, event).stream());
    }

    /** Who was meant only at first sight is owed what the ledger says of her. */
    private Uni<Void> giveBack(Set<CustomerId> denied, Collection<CustomerId> meant) {
        Set<CustomerId> others = new HashSet<>(denied);
        others.removeAll(meant);
        return others.isEmpty()
                ? Uni.createFrom().voidItem()
                : transactions.inTransaction(
                        tx -> permissions.restate(tx, others.stream().sorted().toList()));
    }

    private static Set<CustomerId> customers(List<Consent> consents) {
        return consents.stream()
                .map(Consent::customer)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    private static Set<CustomerId> owners(List<Owned> events) {
        return events.stream().map(Owned::customer).collect(Collectors.toSet());
    }
}
