package io.throughline.journey.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the engine answers.
 *
 * @param next the state to store; absent once the customer has left, or never entered
 * @param effects to be committed with it, in order
 * @param reached the paths of the steps it came to, in order; the last is where it waits or left
 */
public record Decision(@Nullable Instance next, List<Effect> effects, List<String> reached) {

    public Decision {
        effects = List.copyOf(effects);
        reached = List.copyOf(reached);
    }

    /** Nothing changes: the input was late, repeated, or meant nothing here. */
    static Decision unchanged(Instance instance) {
        return new Decision(instance, List.of(), List.of());
    }

    /** For an entry: whether the customer was let in, be it only to leave again at once. */
    public boolean letIn() {
        return !reached.isEmpty();
    }

    /** Not let in. */
    static Decision none() {
        return new Decision(null, List.of(), List.of());
    }
}
