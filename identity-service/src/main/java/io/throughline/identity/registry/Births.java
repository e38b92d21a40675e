package io.throughline.identity.registry;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.identity.resolution.Directory;
import io.throughline.identity.resolution.RulesInForce;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** Where new customers get their ids, which are ordered by when they were made. */
@ApplicationScoped
class Births {

    private final InstantSource clock;
    private final RandomGenerator random;

    Births(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    Directory directory(Directory.Before before, RulesInForce rules) {
        return new Directory(before, rules, this::next, clock.instant());
    }

    private CustomerId next() {
        return new CustomerId(Ids.timeOrdered(clock.instant(), random));
    }
}
