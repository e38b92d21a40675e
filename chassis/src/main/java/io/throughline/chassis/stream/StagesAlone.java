package io.throughline.chassis.stream;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Has each stage of a {@code Uni} run by itself.
 *
 * <p>Context propagation would capture every context when a stage is subscribed to, and put it back
 * around each call. What belongs to a request or a transaction is here on its Vert.x context, which
 * stages do not leave; and where many stages stand around one statement of SQL, carrying contexts
 * along costs more than the stages.
 */
@ApplicationScoped
class StagesAlone {

    /** Before the first channel is connected. */
    private static final int FIRST = 1;

    void start(@Observes @Priority(FIRST) StartupEvent event) {
        Infrastructure.clearInterceptors();
    }
}
