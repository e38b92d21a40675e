package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.consent.Brought;
import io.throughline.identity.consent.ConsentFold.Merge;
import io.throughline.identity.consent.Standing;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.PermissionStore;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes a consent down: ledger, what counts now, history, stream. */
@ApplicationScoped
class ConsentLedger {

    private final PermissionStore permissions;
    private final Suppressing suppressing;
    private final TimelineStore timeline;
    private final Outbox outbox;
    private final InstantSource clock;

    ConsentLedger(
            PermissionStore permissions,
            Suppressing suppressing,
            TimelineStore timeline,
            Outbox outbox,
            InstantSource clock) {
        this.permissions = permissions;
        this.suppressing = suppressing;
        this.timeline = timeline;
        this.outbox = outbox;
        this.clock = clock;
    }

    /**
     * How soon an opt-out was in force.
     *
     * @param receivedAt when it was asked for here; absent where it was heard elsewhere
     * @param inForceAt when the gate had answered; absent where nothing was to be put in force
     */
    record Times(@Nullable Instant receivedAt, @Nullable Instant inForceAt) {

        static final Times UNKNOWN = new Times(null, null);
    }

    /** Writes one down that somebody says herself. */
    Uni<Void> write(SqlConnection tx, Consent consent, Times times) {
        return writeSaid(tx, List.of(consent), times);
    }

    /**
     * Writes down what somebody says herself.
     *
     * @param times of the opt-outs among it
     */
    Uni<Void> writeSaid(SqlConnection tx, List<Consent> consents, Times times) {
        return write(tx, consents, times)
                .chain(() ->
                        Statements.inOneGo(
                                consents.stream().map(c -> suppressing.heard(tx, c)).toList()));
    }

    /**
     * Stores what was said before a merge.
     *
     * @return what counts of its customer now
     */
    Uni<Standing> storeBeforeMerge(SqlConnection tx, Consent consent, CustomerId now) {
        return permissions
                .recordBeforeMerge(tx, consent, now)
                .call(() -> suppressing.heard(tx, consent));
    }

    /**
     * Tells of it. Readers take of two words the later, and of a merge the more restrictive: what
     * the merge has outweighed is not told to them.
     */
    Uni<Void> tellBeforeMerge(
            SqlConnection tx, Consent consent, CustomerId now, Standing standing, Times times) {
        boolean holds = standing.state() == consent.state();
        List<ConsentChanged> told =
                holds || consent.state() == ConsentState.OPTED_OUT
                        ? List.of(
                                event(now, holds ? consent.saidAt(standing.at()) : consent, times))
                        : List.of();
        return Statements.inOneGo(
                List.of(
                        timeline.append(tx, List.of(entry(now, consent))),
                        outbox.append(tx, told)));
    }

    /**
     * A word from before a merge.
     *
     * @param consent by her who said it
     * @param now who she is now
     */
    record Earlier(Consent consent, CustomerId now) {}

    /**
     * Dated words of customers that are known.
     *
     * @param latest said after each of them last became one with another
     */
    record Dated(List<Consent> latest, List<Earlier> earlier) {}

    /** Finds those among dated words that a merge has come after, and who said them. */
    Uni<Dated> dated(SqlConnection tx, List<Consent> consents) {
        return consents.isEmpty()
                ? Uni.createFrom().item(new Dated(List.of(), List.of()))
                : permissions
                        .became(
                                tx,
                                consents.stream().map(ConsentLedger::customer).distinct().toList())
                        .map(became -> dated(consents, became));
    }

    private static Dated dated(List<Consent> consents, Map<CustomerId, List<Brought>> became) {
        List<Consent> latest = new ArrayList<>();
        List<Earlier> earlier = new ArrayList<>();
        for (Consent consent : consents) {
            CustomerId customer = customer(consent);
            List<Brought> merges = became.getOrDefault(customer, List.of());
            if (merges.stream().anyMatch(one -> one.merge().at().isAfter(consent.at()))) {
                CustomerId who =
                        Brought.whoHad(
                                customer,
                                Objects.requireNonNull(consent.identifier(), "it was said of one"),
                                consent.at(),
                                merges);
                earlier.add(new Earlier(consent.saidBy(who), customer));
            } else {
                latest.add(consent);
            }
        }
        return new Dated(latest, earlier);
    }

    /**
     * Stores what somebody else says that she said before a merge.
     *
     * @return what counts of its customer now
     */
    Uni<Standing> storeReported(SqlConnection tx, Earlier earlier) {
        return permissions.recordBeforeMerge(tx, earlier.consent(), earlier.now());
    }

    /** The merges that made a customer who she is. */
    Uni<List<Merge>> merges(SqlConnection tx, CustomerId customer) {
        return permissions.merges(tx, customer);
    }

    /** Of an address that nobody is known to have only the ledger is told. */
    Uni<Void> write(SqlConnection tx, List<Consent> consents) {
        return write(tx, consents, Times.UNKNOWN);
    }

    private Uni<Void> write(SqlConnection tx, List<Consent> consents, Times times) {
        List<Consent> known = consents.stream().filter(c -> c.customer() != null).toList();
        return consents.isEmpty()
                ? Uni.createFrom().voidItem()
                : Statements.inOneGo(
                        List.of(
                                permissions.record(tx, consents),
                                timeline.append(
                                        tx,
                                        known.stream().map(c -> entry(customer(c), c)).toList()),
                                outbox.append(
                                        tx,
                                        known.stream()
                                                .map(c -> event(customer(c), c, times))
                                                .toList())));
    }

    private static CustomerId customer(Consent consent) {
        return Objects.requireNonNull(consent.customer(), "it was filtered before");
    }

    /** Of each when something was last said of the same by its customer or for its address. */
    Uni<List<Optional<Instant>>> newest(SqlConnection tx, List<Consent> consents) {
        return permissions.newest(tx, consents);
    }

    static ConsentWrite forGate(Consent consent) {
        return new ConsentWrite(
                consent.customer(),
                consent.address(),
                consent.channel(),
                consent.topic(),
                consent.state(),
                consent.at());
    }

    private ConsentChanged event(CustomerId customer, Consent consent, Times optOuts) {
        Times times = consent.state() == ConsentState.OPTED_OUT ? optOuts : Times.UNKNOWN;
        return new ConsentChanged(
                customer,
                consent.channel(),
                consent.topic(),
                consent.state(),
                consent.address(),
                consent.provenance().source(),
                consent.at(),
                clock.instant(),
                times.receivedAt(),
                times.inForceAt());
    }

    private static TimelineEntry entry(CustomerId customer, Consent consent) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("channel", consent.channel());
        if (consent.topic() != null) {
            entry.put("topic", consent.topic());
        }
        entry.put("state", consent.state());
        entry.put("source", consent.provenance().source());
        if (consent.identifier() != null) {
            entry.put("identifier", consent.identifier());
        }
        if (consent.address() != null) {
            entry.put("address", consent.address());
        }
        return new TimelineEntry(customer, consent.at(), "consent", entry);
    }
}
