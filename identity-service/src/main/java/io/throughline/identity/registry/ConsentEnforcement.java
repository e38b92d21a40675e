package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ConsentState;
import io.throughline.identity.registry.ConsentLedger.Times;
import io.throughline.identity.store.Consent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Puts consents in force, and notes of opt-outs how soon they were. */
@ApplicationScoped
class ConsentEnforcement {

    private final Enforcement enforcement;
    private final InstantSource clock;
    private final OptOutMeter meter;

    ConsentEnforcement(Enforcement enforcement, InstantSource clock, OptOutMeter meter) {
        this.enforcement = enforcement;
        this.clock = clock;
        this.meter = meter;
    }

    /**
     * An opt-out is in force before it is written down, so that it is never stored and not kept and
     * so that what is told of it says when; an opt-in is left for later.
     *
     * @param receivedAt when it was asked for
     */
    Uni<Times> tighten(Consent consent, Instant receivedAt) {
        return consent.state() == ConsentState.OPTED_OUT
                ? enforcement
                        .consent(ConsentLedger.forGate(consent))
                        .map(done -> new Times(receivedAt, clock.instant()))
                        .invoke(times -> meter.inForce(consent, times))
                : Uni.createFrom().item(Times.UNKNOWN);
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

    /** An opt-in is in force only after it is committed, so that it never rests on nothing. */
    Uni<Void> loosen(List<Consent> consents) {
        return enforcement.consents(
                consents.stream()
                        .filter(consent -> consent.state() == ConsentState.OPTED_IN)
                        .map(ConsentLedger::forGate)
                        .toList());
    }
}
