package io.throughline.journey.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the engine answers.
 *
 * @param next the state to store; absent once the customer has left, or never entered
 * @param effects to be committed with it, in order
 */
public record Decision(@Nullable Instance next, List<Effect> effects) {

    public Decision {
        effects = List.copyOf(effects);
    }

    /** Nothing changes: the input was late, repeated, or meant nothing here. */
    static Decision unchanged(Instance instance) {
        return new Decision(instance, List.of());
    }

    /** Not let in. */
    static Decision none() {
        return new Decision(null, List.of());
    }
}
