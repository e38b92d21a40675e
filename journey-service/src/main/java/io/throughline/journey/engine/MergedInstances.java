package io.throughline.journey.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of two customers' instances of one journey when the customers turn out to be one.
 *
 * @param kept goes on, under the survivor's id
 * @param left the one that ends; absent where only one of them was in the journey
 * @param effects those of {@code left}
 */
public record MergedInstances(Instance kept, @Nullable Instance left, List<Effect> effects) {

    public MergedInstances {
        effects = List.copyOf(effects);
    }
}
