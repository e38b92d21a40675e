package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.Ids;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.identity.registry.AtTheDoor;
import io.throughline.identity.source.Origin;
import io.throughline.identity.stream.EventLog;
import io.throughline.identity.tracking.Checked;
import io.throughline.identity.tracking.Fault;
import io.throughline.identity.tracking.Reception;
import io.throughline.identity.tracking.TrackingBody;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes the events of a body, all or none: checks them, does what cannot wait, and is done when the
 * log has them (promise P4).
 */
@Singleton
class Acceptance {

    private static final Logger LOG = Logger.getLogger(Acceptance.class);
    private static final int MAX_ERRORS_TOLD = 20;

    private final AtTheDoor door;
    private final EventLog log;
    private final InFlight inFlight;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final @Nullable String region;

    Acceptance(
            AtTheDoor door,
            EventLog log,
            InFlight inFlight,
            InstantSource clock,
            RandomGenerator random,
            IdentityConfiguration configuration) {
        this.door = door;
        this.log = log;
        this.inFlight = inFlight;
        this.clock = clock;
        this.random = random;
        this.region = configuration.defaultRegion().orElse(null);
    }

    Uni<Void> take(TrackingBody body, Origin origin, Sender sender) {
        return inFlight.alsoWithin(body.inheritedBytes(), () -> takeAll(body, origin, sender));
    }

    private Uni<Void> takeAll(TrackingBody body, Origin origin, Sender sender) {
        Instant now = clock.instant();
        Reception reception =
                new Reception(
                        origin.source(),
                        origin.trust(),
                        now,
                        sender.anonymousId(),
                        sender.address(),
                        region);
        return switch (body.events(reception, () -> Ids.timeOrdered(now, random).toString())) {
            case Checked.Fine(List<AcceptedEvent> events) -> take(events);
            case Checked.Faulty(List<Fault> faults) -> Uni.createFrom().failure(problem(faults));
        };
    }

    /** Takes events that are as they should be. */
    Uni<Void> take(List<AcceptedEvent> events) {
        return settle(events).chain(() -> log.append(events));
    }

    static Problem problem(List<Fault> faults) {
        Fault first = faults.getFirst();
        String detail =
                faults.size() == 1
                        ? first.field() + ": " + first.expected()
                        : faults.size() + " fields are wrong, nothing was stored; see errors";
        return Problem.of(
                400,
                "invalid-request",
                detail,
                faults.stream()
                        .limit(MAX_ERRORS_TOLD)
                        .map(fault -> new Problem.FieldError(fault.field(), fault.expected()))
                        .toList());
    }

    /**
     * Whatever is away, the answer is one that makes an SDK keep the events and send them again.
     */
    private Uni<Void> settle(List<AcceptedEvent> events) {
        return door.settle(events).onFailure().transform(Acceptance::away);
    }

    private static Throwable away(Throwable failure) {
        LOG.warnf("events were not taken, what they link or end cannot be settled: %s", failure);
        return Problem.unavailable(
                "what these events link or end cannot be put in force at the moment; send them again");
    }
}
