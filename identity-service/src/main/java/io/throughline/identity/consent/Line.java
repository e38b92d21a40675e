package io.throughline.identity.consent;

import io.throughline.contracts.Identifier;
import io.throughline.identity.identifier.Identifiers;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line of the ledger and under which identifier it was said.
 *
 * @param identifier absent where only the address is known, or it is of the customer as such
 */
public record Line(UUID id, Said said, @Nullable Identifier identifier, @Nullable String address) {

    boolean isUnder(Collection<Identifier> identifiers) {
        return identifier == null
                ? identifiers.stream().anyMatch(i -> i.value().equals(address))
                : identifiers.contains(identifier);
    }

    /** What it follows. */
    @Nullable Identifier under() {
        return identifier != null || address == null
                ? identifier
                : Identifiers.ofAddress(said.about().channel(), address).orElse(null);
    }
}
