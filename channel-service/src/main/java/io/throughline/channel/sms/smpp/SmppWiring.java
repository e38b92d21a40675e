package io.throughline.channel.sms.smpp;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.lookup.LookupUnlessProperty;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.route.Inbound;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Receipt;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** There is an SMS route where a carrier's host is configured, and none elsewhere. */
@Singleton
final class SmppWiring {

    private static final String HOST = "throughline.channel.smpp.host";

    @Produces
    @Singleton
    @LookupUnlessProperty(name = HOST, stringValue = "", lookupIfMissing = false)
    SmppRoute route(
            SmppSettings settings,
            Instance<Inbound> domain,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry,
            Vertx vertx) {
        Carrier carrier = Carrier.of(settings);
        DeliverSmIntake intake = new DeliverSmIntake(carrier, late(domain), clock, contexts(vertx));
        return new SmppRoute(carrier, intake, clock, random, new SubmissionMeter(registry));
    }

    void start(@Observes StartupEvent started, Instance<SmppRoute> route) {
        route.stream().forEach(SmppRoute::start);
    }

    void close(@Disposes SmppRoute route) {
        route.close();
    }

    /** Looked up when it is called: the domain knows the routes, and the routes the domain. */
    private static Inbound late(Instance<Inbound> domain) {
        return new Inbound() {
            @Override
            public Uni<Void> receipt(Receipt receipt) {
                return domain.get().receipt(receipt);
            }

            @Override
            public Uni<Void> text(InboundText text) {
                return domain.get().text(text);
            }
        };
    }

    /** A duplicated context to each call, as if each were a request. */
    private static Executor contexts(Vertx vertx) {
        return call -> {
            Context context =
                    Objects.requireNonNull(
                            VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
            VertxContextSafetyToggle.setContextSafe(context, true);
            context.runOnContext(ignored -> call.run());
        };
    }
}
