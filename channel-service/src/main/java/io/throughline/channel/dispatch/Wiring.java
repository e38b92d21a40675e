package io.throughline.channel.dispatch;

import io.throughline.channel.link.Landing;
import io.throughline.channel.link.LinkTokens;
import io.throughline.channel.link.Links;
import io.throughline.channel.template.Composer;
import io.throughline.governance.ContactGate;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Gives the pure parts their configuration. */
@Singleton
class Wiring {
    @Produces
    @Singleton
    LinkTokens tokens(@ConfigProperty(name = "throughline.channel.link-secret") String secret) {
        return new LinkTokens(secret);
    }

    @Produces
    @Singleton
    Links links(
            LinkTokens tokens,
            @ConfigProperty(name = "throughline.channel.public-url") String publicUrl) {
        return new Links(tokens, publicUrl);
    }

    @Produces
    @Singleton
    Landing landing(
            @ConfigProperty(name = "throughline.channel.link-parameter")
                    Optional<String> parameter) {
        return new Landing(parameter);
    }

    @Produces
    @Singleton
    Composer composer(Links links) {
        return new Composer(links);
    }

    @Produces
    @Singleton
    Hydration hydration(
            Ledger ledger,
            ContactGate gate,
            Permissions permissions,
            Vertx vertx,
            @ConfigProperty(name = "throughline.channel.claim-lease", defaultValue = "PT30S")
                    Duration claimed) {
        return new Hydration(
                ledger,
                gate,
                permissions,
                (delay, work) -> {
                    var _ = vertx.setTimer(delay.toMillis(), fired -> work.run());
                },
                claimed);
    }
}
