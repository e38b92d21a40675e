package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.consent.Standing;
import io.throughline.identity.registry.ConsentLedger.Earlier;
import io.throughline.identity.registry.ConsentLedger.Times;
import io.throughline.identity.store.Consent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Puts consents in force, and notes of opt-outs how soon they were. */
@ApplicationScoped
class ConsentEnforcement {

    private final Enforcement enforcement;
    private final Hydration hydration;
    private final InstantSource clock;
    private final OptOutMeter meter;

    ConsentEnforcement(
            Enforcement enforcement, Hydration hydration, InstantSource clock, OptOutMeter meter) {
        this.enforcement = enforcement;
        this.hydration = hydration;
        this.clock = clock;
        this.meter = meter;
    }

    /**
     * Opt-outs are in force before they are written down, so that none is ever stored and not kept
     * and so that what is told of them says when; opt-ins are left for later.
     *
     * @param receivedAt when they were asked for, at one time
     */
    Uni<Tightened> tighten(List<Consent> consents, Instant receivedAt) {
        List<Consent> optOuts = in(consents, ConsentState.OPTED_OUT).toList();
        return optOuts.isEmpty()
                ? Uni.createFrom().item(new Tightened(consents, Times.UNKNOWN))
                : inForce(consents)
                        .map(said -> new Tightened(said, new Times(receivedAt, clock.instant())))
                        .invoke(done -> optOuts.forEach(out -> meter.inForce(out, done.times())));
    }

    /**
     * Consents whose opt-outs are in force.
     *
     * @param said as they were said, opt-outs dated after all that they take back
     */
    record Tightened(List<Consent> said, Times times) {}

    /** What another host told the gate by a clock that is ahead of ours was said before. */
    private Uni<List<Consent>> inForce(List<Consent> consents) {
        return tighten(consents)
                .chain(outdone ->
                        outdone.isEmpty()
                                ? Uni.createFrom().item(consents)
                                : inForce(
                                        consents.stream()
                                                .map(consent -> after(outdone.get(), consent))
                                                .toList()));
    }

    private static Consent after(Instant said, Consent consent) {
        return consent.state() == ConsentState.OPTED_OUT ? consent.after(said) : consent;
    }

    /** What was heard elsewhere is in force at once, whatever it says. */
    Uni<Times> heard(Consent consent) {
        return enforcement
                .consent(ConsentLedger.forGate(consent))
                .map(done ->
                        consent.state() == ConsentState.OPTED_OUT
                                ? new Times(null, clock.instant())
                                : Times.UNKNOWN);
    }

    /**
     * The same of what was said before a merge: for the address what was said, for the customer
     * what counts now.
     */
    Uni<Times> heard(Consent consent, CustomerId now, Standing standing) {
        ConsentWrite customer =
                new ConsentWrite(
                        now,
                        null,
                        consent.channel(),
                        consent.topic(),
                        standing.state(),
                        standing.at());
        return enforcement.consent(customer).chain(() -> heard(consent.saidBy(null)));
    }

    /**
     * What restricts of something that was said before a merge: for the address what was said, for
     * the customer what counts now.
     */
    Uni<Void> tighten(Earlier earlier, Standing standing) {
        Consent consent = earlier.consent();
        ConsentWrite customer =
                new ConsentWrite(
                        earlier.now(),
                        null,
                        consent.channel(),
                        consent.topic(),
                        standing.state(),
                        standing.at());
        ConsentWrite address = ConsentLedger.forGate(consent.saidBy(null));
        return enforcement
                .consents(
                        Stream.of(customer, address)
                                .filter(write -> write.state() == ConsentState.OPTED_OUT)
                                .filter(write ->
                                        write.customer() != null || write.address() != null)
                                .toList())
                .replaceWithVoid();
    }

    /**
     * Opt-outs of many at once, before they are written down.
     *
     * @return when the latest opt-in was said that counts in the place of one of them
     */
    Uni<Optional<Instant>> tighten(List<Consent> consents) {
        return enforcement.consents(
                in(consents, ConsentState.OPTED_OUT).map(ConsentLedger::forGate).toList());
    }

    /**
     * An opt-in is in force only after it is committed, so that it never rests on nothing. By then
     * its customer may have become one with another, who is opted out: the gate is given what the
     * ledger says of her now, under her lock, and not what was said. For an address what was said
     * does, since the later of two words counts there, whosoever it is.
     */
    Uni<Void> loosen(List<Consent> consents) {
        List<Consent> optIns = in(consents, ConsentState.OPTED_IN).toList();
        List<ConsentWrite> addresses =
                optIns.stream()
                        .filter(consent -> consent.address() != null)
                        .map(consent -> ConsentLedger.forGate(consent.saidBy(null)))
                        .toList();
        List<CustomerId> customers =
                optIns.stream().map(Consent::customer).filter(Objects::nonNull).distinct().toList();
        return enforcement
                .consents(addresses)
                .chain(() ->
                        customers.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : hydration.hydrate(customers).replaceWithVoid());
    }

    private static Stream<Consent> in(List<Consent> consents, ConsentState state) {
        return consents.stream().filter(consent -> consent.state() == state);
    }
}
