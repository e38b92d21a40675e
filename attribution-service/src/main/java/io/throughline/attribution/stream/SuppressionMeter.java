package io.throughline.attribution.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.throughline.attribution.suppression.Suppression;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How long conversions and opt-outs took from where they happened until they were in force, whether
 * or not a message slipped past meanwhile.
 */
@ApplicationScoped
class SuppressionMeter {

    private final MeterRegistry registry;

    SuppressionMeter(MeterRegistry registry) {
        this.registry = registry;
    }

    void told(Collection<Suppression> suppressions) {
        for (Suppression suppression : suppressions) {
            took(suppression, "source", suppression.happenedAt(), suppression.leftAt());
            took(suppression, "network", suppression.leftAt(), suppression.receivedAt());
            took(suppression, "ingestion", suppression.receivedAt(), suppression.inForceAt());
        }
    }

    private void took(
            Suppression suppression, String door, @Nullable Instant from, @Nullable Instant to) {
        // A clock that is ahead says that it was known before it happened.
        if (from != null && to != null && !to.isBefore(from)) {
            Timer.builder("throughline.suppression.delay")
                    .description("From where a conversion or opt-out happened until it is in force")
                    .tag("kind", suppression.kind().word())
                    .tag("door", door)
                    .publishPercentiles(0.5, 0.99)
                    .register(registry)
                    .record(Duration.between(from, to));
        }
    }
}
