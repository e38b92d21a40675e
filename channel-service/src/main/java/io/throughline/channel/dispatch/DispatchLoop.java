package io.throughline.channel.dispatch;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.throughline.channel.delivery.Backoff;
import io.throughline.channel.delivery.Judge;
import io.throughline.channel.dispatch.Dispatcher.Surroundings;
import io.throughline.channel.route.Route;
import io.throughline.channel.store.Receipts;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.policy.PublishedPolicies;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Keeps the dispatcher going on one event loop: a pass for a route whenever something was queued or
 * room came free, and a slow beat for what becomes due by time alone.
 */
@ApplicationScoped
public class DispatchLoop {

    private static final Logger LOG = Logger.getLogger(DispatchLoop.class);
    private static final long BEAT_MILLIS = 200;
    private static final long SWEEP_MILLIS = 1_000;
    private static final long FORGET_MILLIS = 600_000;
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(8);
    private static final int MOST_IN_FLIGHT = 1_000;
    private static final int BATCH = 200;

    private final Vertx vertx;
    private final Context context;
    private final Routes routes;
    private final PublishedPolicies policies;
    private final Receipts receipts;
    private final Dispatcher dispatcher;
    private final List<Turn> turns;
    private volatile boolean running;
    private boolean sweeping;
    private boolean matching;

    DispatchLoop(
            Vertx vertx,
            Routes routes,
            PublishedPolicies policies,
            Receipts receipts,
            Parts parts,
            @ConfigProperty(name = "throughline.channel.claim-lease", defaultValue = "PT30S")
                    Duration claimed) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.routes = routes;
        this.policies = policies;
        this.receipts = receipts;
        this.dispatcher = parts.dispatcher(host(), claimed, this::roomCameFree);
        this.turns = routes.all().stream().map(Turn::new).toList();
    }

    /** What a dispatcher is made of. */
    @ApplicationScoped
    static class Parts {

        private final Ledger ledger;
        private final Composing composing;
        private final ContactGate gate;
        private final Hydration hydration;
        private final Sources sources;

        Parts(
                Ledger ledger,
                Composing composing,
                ContactGate gate,
                Hydration hydration,
                Sources sources) {
            this.ledger = ledger;
            this.composing = composing;
            this.gate = gate;
            this.hydration = hydration;
            this.sources = sources;
        }

        Dispatcher dispatcher(Host host, Duration claimed, Runnable recorded) {
            return new Dispatcher(
                    ledger,
                    composing,
                    gate,
                    hydration,
                    new Judge(Backoff.DEFAULT),
                    new Surroundings(
                            host,
                            sources.clock(),
                            sources.random(),
                            sources::policy,
                            claimed,
                            MOST_IN_FLIGHT,
                            BATCH,
                            recorded));
        }
    }

    /** Time, dice and rules. */
    @ApplicationScoped
    static class Sources {

        private final InstantSource clock;
        private final RandomGenerator random;
        private final PublishedPolicies policies;

        Sources(InstantSource clock, RandomGenerator random, PublishedPolicies policies) {
            this.clock = clock;
            this.random = random;
            this.policies = policies;
        }

        InstantSource clock() {
            return clock;
        }

        RandomGenerator random() {
            return random;
        }

        ContactPolicy policy() {
            return policies.contactPolicy();
        }
    }

    void start(@Observes StartupEvent event) {
        running = true;
        List<String> names = routes.all().stream().map(Route::name).toList();
        LOG.infof(
                "dispatching over %s; no route for %s",
                names.isEmpty() ? "no route" : names, routes.channelsWithout());
        every(BEAT_MILLIS, this::beat);
        every(SWEEP_MILLIS, this::sweep);
        every(FORGET_MILLIS, this::forget);
    }

    /** Before the routes go away: what has left still gets its answer recorded. */
    void stop(@Observes @Priority(1) ShutdownEvent event) throws InterruptedException {
        running = false;
        CountDownLatch idle = new CountDownLatch(1);
        context.runOnContext(ignored -> countDownWhenIdle(idle));
        if (!idle.await(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("some messages had no answer before the end; they are told as unknown later");
        }
    }

    private void countDownWhenIdle(CountDownLatch idle) {
        if (dispatcher.inFlight() == 0) {
            idle.countDown();
        } else {
            vertx.setTimer(20, timer -> context.runOnContext(ignored -> countDownWhenIdle(idle)));
        }
    }

    /** Says that there may be something to hand over on these channels. */
    public void wake(Set<Channel> channels) {
        context.runOnContext(ignored ->
                turns.stream()
                        .filter(turn -> channels.contains(turn.route.channel()))
                        .forEach(Turn::take));
    }

    private void roomCameFree() {
        turns.stream().filter(turn -> turn.wanting).forEach(Turn::take);
    }

    private void beat() {
        turns.forEach(Turn::take);
    }

    private boolean mayDispatch() {
        return running && policies.caughtUp();
    }

    private void sweep() {
        if (mayDispatch() && !sweeping) {
            sweeping = true;
            dispatcher
                    .sweep(routes.channelsWithout())
                    .onTermination()
                    .invoke(() -> context.runOnContext(ignored -> sweeping = false))
                    .subscribe()
                    .with(ignored -> {}, failure -> LOG.warnf("cannot sweep: %s", failure));
        }
        matchHeld();
    }

    /** One at a time, however long one takes. */
    private void matchHeld() {
        if (matching) {
            return;
        }
        matching = true;
        receipts.applyHeld()
                .subscribe()
                .with(
                        more -> context.runOnContext(ignored -> matched(more)),
                        failure ->
                                context.runOnContext(ignored -> {
                                    matching = false;
                                    LOG.warnf("held receipts cannot be matched: %s", failure);
                                }));
    }

    private void matched(boolean more) {
        matching = false;
        if (more) {
            matchHeld();
        }
    }

    private void forget() {
        receipts.forgetHeld()
                .subscribe()
                .with(
                        forgotten -> {
                            if (forgotten > 0) {
                                LOG.warnf(
                                        "%d receipts matched no message; check the route's setting"
                                                + " for provider ids",
                                        forgotten);
                            }
                        },
                        failure -> LOG.warnf("held receipts cannot be pruned: %s", failure));
    }

    /** One route's turns: one pass at a time. */
    private final class Turn {

        private final Route route;
        private boolean passing;
        private boolean again;

        /** Claims nothing until there is room. */
        private boolean wanting;

        Turn(Route route) {
            this.route = route;
        }

        void take() {
            if (!mayDispatch()) {
                return;
            }
            if (passing) {
                again = true;
                return;
            }
            wanting = !dispatcher.hasRoom(route);
            if (wanting) {
                return;
            }
            passing = true;
            again = false;
            dispatcher
                    .pass(route)
                    .subscribe()
                    .with(
                            more -> context.runOnContext(ignored -> taken(more)),
                            failure -> context.runOnContext(ignored -> failed(failure)));
        }

        private void taken(boolean more) {
            passing = false;
            if (more || again) {
                take();
            }
        }

        /** The next beat tries again. */
        private void failed(Throwable failure) {
            passing = false;
            LOG.warnf("nothing can be claimed for route %s: %s", route.name(), failure);
        }
    }

    private void every(long millis, Runnable work) {
        vertx.setPeriodic(
                millis,
                timer -> {
                    if (running) {
                        context.runOnContext(ignored -> work.run());
                    } else {
                        vertx.cancelTimer(timer);
                    }
                });
    }

    private Host host() {
        return new Host() {
            @Override
            public void run(Runnable work) {
                context.runOnContext(ignored -> work.run());
            }

            @Override
            public void after(Duration delay, Runnable work) {
                vertx.setTimer(
                        Math.max(1, delay.toMillis()),
                        timer -> context.runOnContext(ignored -> work.run()));
            }
        };
    }
}
