package io.throughline.identity.http;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The real clock, which a test may put forward. */
@Alternative
@Priority(1)
@ApplicationScoped
class SetClock implements InstantSource {

    private static volatile Duration ahead = Duration.ZERO;

    static void putForward(Duration by) {
        ahead = by;
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(ahead);
    }
}
