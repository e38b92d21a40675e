package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.throughline.identity.erasure.OneWay;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Gives the hashes their secret. */
@Singleton
class Secret {

    @Produces
    @Singleton
    OneWay oneWay(@ConfigProperty(name = "throughline.identity.suppression-secret") String secret) {
        return new OneWay(secret);
    }

    /** So that a secret that is missing or too short is told at the start. */
    void start(@Observes StartupEvent event, OneWay oneWay) {}
}
