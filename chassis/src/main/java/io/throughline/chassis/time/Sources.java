package io.throughline.chassis.time;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** The real clock and the real dice, injected wherever either is needed; tests give others. */
@Singleton
final class Sources {

    @Produces
    @Singleton
    InstantSource clock() {
        return InstantSource.system();
    }

    /** Ids are drawn from it and some of them stand in links, so it cannot be a guessable one. */
    @Produces
    @Singleton
    RandomGenerator random() {
        return new SecureRandom();
    }
}
