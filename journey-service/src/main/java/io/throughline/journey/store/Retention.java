package io.throughline.journey.store;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Forgets, once an hour and a little at a time, what is too old to be of use: behaviours that no
 * dry run plays any more, and messages that nobody will answer any more.
 */
@ApplicationScoped
class Retention {

    private static final Logger LOG = Logger.getLogger(Retention.class);

    static final Duration BEHAVIOURS = Duration.ofDays(90);
    static final Duration MESSAGES = Duration.ofDays(180);

    private static final Duration PERIOD = Duration.ofHours(1);
    private static final int AT_ONCE = 5000;

    private final BehaviourStore behaviours;
    private final SeenMessages messages;
    private final InstantSource clock;
    private final Recurring recurring;

    Retention(
            BehaviourStore behaviours,
            SeenMessages messages,
            InstantSource clock,
            Recurring recurring) {
        this.behaviours = behaviours;
        this.messages = messages;
        this.clock = clock;
        this.recurring = recurring;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(PERIOD, LOG, "what is too old cannot be forgotten", this::run);
    }

    private Uni<Void> run() {
        Instant now = clock.instant();
        return untilNoneIsLeft(() -> behaviours.prune(now.minus(BEHAVIOURS), AT_ONCE))
                .chain(() -> untilNoneIsLeft(() -> messages.prune(now.minus(MESSAGES), AT_ONCE)));
    }

    private static Uni<Void> untilNoneIsLeft(Supplier<Uni<? extends Integer>> some) {
        return Multi.createBy()
                .repeating()
                .uni(some)
                .until(removed -> removed < AT_ONCE)
                .collect()
                .last()
                .replaceWithVoid();
    }
}
