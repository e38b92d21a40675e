package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.profile.Knowledge;
import java.util.Set;

/**
 * A sighting and what came of it.
 *
 * @param customer whose it is
 * @param knowledge what its events said
 * @param refused those of its identifiers that were not linked
 */
public record Known(
        Sighting sighting, CustomerId customer, Knowledge knowledge, Set<Identifier> refused) {

    public Known {
        refused = Set.copyOf(refused);
    }
}
