package io.throughline.channel.recall;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.RecallStep;
import io.throughline.channel.dispatch.Routes;
import io.throughline.channel.route.HandedOver;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Receipt;
import io.throughline.channel.route.Route;
import io.throughline.channel.store.Recalls;
import io.throughline.channel.store.Recalls.Due;
import io.throughline.channel.store.Receipts;
import io.throughline.chassis.time.Recurring;
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks carriers for messages back. What is due stands in the database; each process takes some of
 * it for a while, so that a process that dies leaves it to the others, and asking twice is
 * harmless.
 */
@ApplicationScoped
class Recaller {

    private static final Logger LOG = Logger.getLogger(Recaller.class);
    private static final Duration BEAT = Duration.ofMillis(200);
    private static final Duration PRUNED_EVERY = Duration.ofHours(1);
    private static final int AT_ONCE = 20;

    /** Longer than a carrier may take to answer for one message of many parts. */
    private static final Duration TAKEN = Duration.ofMinutes(2);

    private final Recurring recurring;
    private final Routes routes;
    private final Recalls recalls;
    private final Receipts receipts;
    private final ContactGate gate;
    private final Surroundings around;

    Recaller(
            Recurring recurring,
            Routes routes,
            Recalls recalls,
            Receipts receipts,
            ContactGate gate,
            Surroundings around) {
        this.recurring = recurring;
        this.routes = routes;
        this.recalls = recalls;
        this.receipts = receipts;
        this.gate = gate;
        this.around = around;
    }

    /** Time, and who counts. */
    @ApplicationScoped
    static class Surroundings {

        private final InstantSource clock;
        private final MeterRegistry registry;

        Surroundings(InstantSource clock, MeterRegistry registry) {
            this.clock = clock;
            this.registry = registry;
        }

        Instant now() {
            return clock.instant();
        }

        void count(Due due, String outcome) {
            registry.counter(
                            "throughline.recalls",
                            "channel",
                            due.channel().word(),
                            "cause",
                            due.cause().word(),
                            "outcome",
                            outcome)
                    .increment();
        }
    }

    void start(@Observes StartupEvent event) {
        recurring.every(BEAT, LOG, "nothing can be recalled", this::pass);
        recurring.every(
                PRUNED_EVERY,
                LOG,
                "old recalls cannot be pruned",
                () -> recalls.prune(around.now()));
    }

    private Uni<Void> pass() {
        Instant now = around.now();
        return recalls.due(now, now.plus(TAKEN), AT_ONCE)
                .chain(due ->
                        Multi.createFrom()
                                .iterable(due)
                                .onItem()
                                .transformToUniAndMerge(this::takeBack)
                                .collect()
                                .last()
                                .replaceWithVoid());
    }

    /** One that goes wrong is tried again when its time is over. */
    private Uni<Void> takeBack(Due due) {
        return Uni.createFrom()
                .deferred(() -> act(due, RecallStep.of(standing(due), recallability(due))))
                .onFailure()
                .recoverWithUni(failure -> {
                    LOG.warnf("message %s is not taken back now: %s", due.message(), failure);
                    return Uni.createFrom().voidItem();
                });
    }

    private RecallStep.Standing standing(Due due) {
        return new RecallStep.Standing(
                due.state(),
                due.heeds(),
                // It may have been given back already, which only asking again can tell.
                due.lifted() && !due.unanswered(),
                !around.now().isBefore(due.deadline()),
                due.parts(),
                due.givenBack(),
                due.known());
    }

    private @Nullable Recallability recallability(Due due) {
        return routes.all().stream()
                .filter(route -> route.name().equals(due.route()))
                .map(Route::recallability)
                .findFirst()
                .orElse(null);
    }

    private Uni<Void> act(Due due, RecallStep step) {
        return switch (step) {
            case RecallStep.Wait(Duration after) ->
                    recalls.later(due, around.now().plus(after), due.tries(), due.unanswered());
            case RecallStep.Ask(Recallability.OnRequest how, List<String> ids) ->
                    ask(due, how, ids);
            case RecallStep.Again(Duration after, boolean unanswered, String why) -> {
                LOG.infof("message %s is asked for again: %s", due.message(), why);
                yield recalls.later(due, around.now().plus(after), due.tries() + 1, unanswered);
            }
            case RecallStep.Nothing(String why) ->
                    halved(due)
                            .chain(() -> recalls.notNeeded(due, why))
                            .invoke(() -> around.count(due, "not_needed"));
            case RecallStep.Done(String means) when due.state() == MessageState.FAILED ->
                    act(due, new RecallStep.Nothing("it did not arrive, and the rest is back"));
            case RecallStep.Done(String means) ->
                    recalls.recalled(due, means, around.now(), returned(due))
                            .invoke(back -> around.count(due, back ? "recalled" : "too_late"))
                            .replaceWithVoid();
            case RecallStep.Lost(var outcome, String why) ->
                    halved(due)
                            .chain(() -> recalls.lost(due, outcome, why, around.now()))
                            .invoke(() -> around.count(due, outcome.word()));
        };
    }

    private Uni<Void> ask(Due due, Recallability.OnRequest how, List<String> ids) {
        return Uni.createFrom()
                .deferred(() -> how.asking().recall(new HandedOver(due.message(), due.to(), ids)))
                .onFailure()
                .recoverWithItem(failure -> new RecallAnswer.Unanswered(failure.toString()))
                .call(answer ->
                        answer instanceof RecallAnswer.Partly partly
                                ? recalls.givenBack(due, partly.givenBack())
                                : Uni.createFrom().voidItem())
                .chain(answer ->
                        act(
                                answer instanceof RecallAnswer.Partly partly
                                        ? due.with(partly.givenBack())
                                        : due,
                                RecallStep.after(
                                        answer, how.means(), due.tries() + 1, due.unanswered())));
    }

    /** A text of which a part is back and another is not did not arrive as it was written. */
    private Uni<Void> halved(Due due) {
        return due.givenBack().isEmpty()
                ? Uni.createFrom().voidItem()
                : receipts.apply(halves(due));
    }

    private List<Receipt> halves(Due due) {
        return due.givenBack().stream()
                .map(id ->
                        new Receipt(
                                Objects.requireNonNull(due.route(), "it went some way"),
                                due.channel(),
                                id,
                                due.to(),
                                Receipt.Status.FAILED,
                                Receipts.RECALLED,
                                around.now()))
                .toList();
    }

    /** It reached nobody. A contact that cannot be returned keeps counting: the quiet side. */
    private Uni<Void> returned(Due due) {
        return Uni.createFrom()
                .deferred(
                        () -> gate.takeBack(List.of(new ContactRef(due.customer(), due.message()))))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("a contact cannot be returned to the gate: %s", failure);
                    return null;
                });
    }
}
