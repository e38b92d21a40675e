package io.throughline.identity.http;

import io.throughline.contracts.Identifier;
import io.throughline.identity.identifier.Identifiers;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Identifiers as callers of the management routes write them. */
@ApplicationScoped
class Naming {

    private final @Nullable String region;

    Naming(IdentityConfiguration configuration) {
        this.region = configuration.defaultRegion().orElse(null);
    }

    /**
     * Reads {@code type:value} and brings it into normal form.
     *
     * @throws IllegalArgumentException saying what was expected
     */
    Identifier identifier(String text) {
        Identifier written = Identifier.of(text);
        if (text.indexOf(0) >= 0) {
            throw new IllegalArgumentException("expected no U+0000 in an identifier");
        }
        return Identifiers.normalise(written.type(), written.value(), region)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "expected a "
                                        + written.type()
                                        + " that identifies somebody, as in email:ana@example.com or phone:+34600111222"));
    }
}
