package io.throughline.identity.registry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.throughline.identity.registry.ConsentLedger.Times;
import io.throughline.identity.store.Consent;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** How soon opt-outs that are asked for here are in force. */
@ApplicationScoped
class OptOutMeter {

    /** What a caller of the API writes as the source is its own and without bound. */
    private static final Set<String> MEANS = Set.of("preference-centre", "one-click", "page");

    private static final String OTHER_MEANS = "api";

    private final MeterRegistry registry;

    OptOutMeter(MeterRegistry registry) {
        this.registry = registry;
    }

    void inForce(Consent consent, Times times) {
        Instant receivedAt = times.receivedAt();
        Instant inForceAt = times.inForceAt();
        if (receivedAt != null && inForceAt != null) {
            String source = consent.provenance().source();
            Timer.builder("throughline.optout.in.force")
                    .description("From the request to opt out until the gate refuses")
                    .tag("channel", consent.channel().word())
                    .tag("means", MEANS.contains(source) ? source : OTHER_MEANS)
                    .publishPercentiles(0.5, 0.99)
                    .register(registry)
                    .record(Duration.between(receivedAt, inForceAt));
        }
    }
}
