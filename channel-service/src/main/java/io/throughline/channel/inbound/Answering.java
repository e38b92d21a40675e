package io.throughline.channel.inbound;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Routes;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.InboundText;
import io.throughline.channel.route.Lease;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.Route;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers keywords: who asks for help is told whose messages these are, also after a stop; who
 * stops is told once that it was heard (47 CFR 64.1200(a)(12): no marketing, within five minutes).
 * These are not messages of a journey: no rule holds them back, nothing counts them, and no receipt
 * is asked for.
 */
@ApplicationScoped
class Answering {

    private static final Logger LOG = Logger.getLogger(Answering.class);

    /** An answer that has not gone by then does not go any more. */
    private static final Duration WITHIN = Duration.ofMinutes(5);

    /** How long the acknowledgement of a stop waits for its confirmation. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

    private final Routes routes;
    private final AnswerTexts texts;
    private final InstantSource clock;
    private final RandomGenerator random;

    Answering(Routes routes, AnswerTexts texts, InstantSource clock, RandomGenerator random) {
        this.routes = routes;
        this.texts = texts;
        this.clock = clock;
        this.random = random;
    }

    /** The carrier takes nothing more for now. */
    private static final class NotYet extends RuntimeException {
        NotYet(HandOver answer) {
            super(answer.toString(), null, false, false);
        }
    }

    /** Answers a call for help, if need be in several tries; nobody waits for it. */
    void help(InboundText asked) {
        Route route = routeOf(asked);
        if (route != null && !texts.help().isBlank()) {
            Outbound message = message(asked, texts.help(), () -> Uni.createFrom().item(true));
            told(Uni.createFrom()
                            .deferred(() -> route.handOver(message))
                            .invoke(Answering::unlessNotYet)
                            .onFailure(NotYet.class)
                            .retry()
                            .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                            .expireIn(WITHIN.toMillis()))
                    .subscribe()
                    .with(taken -> {}, failure -> {});
        }
    }

    /**
     * Confirms a stop, in the one try that there is before the stop is acknowledged: from then on
     * nothing more goes.
     */
    Uni<Void> stopped(InboundText stop) {
        Route route = routeOf(stop);
        if (route == null || texts.stopped().isBlank()) {
            return Uni.createFrom().voidItem();
        }
        AtomicBoolean awaited = new AtomicBoolean(true);
        Outbound message =
                message(stop, texts.stopped(), () -> Uni.createFrom().item(awaited::get));
        return told(route.handOver(message))
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .onFailure()
                .recoverWithNull()
                .invoke(() -> awaited.set(false))
                .replaceWithVoid();
    }

    private Outbound message(InboundText to, String text, Lease lease) {
        return new Outbound(
                new MessageId(Ids.timeOrdered(clock.instant(), random)),
                to.from(),
                new Content.SmsAnswer(text),
                clock.instant().plus(WITHIN),
                lease);
    }

    private static void unlessNotYet(HandOver answer) {
        if (answer instanceof HandOver.NotTaken || answer instanceof HandOver.Throttled) {
            throw new NotYet(answer);
        }
    }

    private static Uni<HandOver> told(Uni<HandOver> answer) {
        return answer.invoke(outcome -> LOG.infof("a keyword was answered: %s", outcome))
                .onFailure()
                .invoke(failure -> LOG.warnf("a keyword goes unanswered: %s", failure));
    }

    /** The route it came by, else another of its channel. */
    private @Nullable Route routeOf(InboundText text) {
        List<Route> ofChannel = routes.of(text.channel());
        return ofChannel.stream()
                .filter(route -> route.name().equals(text.route()))
                .findFirst()
                .orElse(ofChannel.isEmpty() ? null : ofChannel.getFirst());
    }
}
