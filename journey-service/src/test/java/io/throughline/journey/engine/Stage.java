package io.throughline.journey.engine;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.journey.Journeys;
import io.throughline.journey.choice.Engagement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One customer and one journey, played by hand: each act answers what the engine wanted done, as
 * short words.
 */
final class Stage {

    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    static final CustomerId ANA = CustomerId.of("019509a0-0000-7000-8000-000000000001");

    final Program program;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Effect> last = new ArrayList<>();
    private final Map<Channel, Engagement> engagement = new HashMap<>();
    private final Map<String, Object> traits = new LinkedHashMap<>();
    private final Map<String, Double> scores = new LinkedHashMap<>();
    private final Map<Channel, String> addresses =
            new HashMap<>(Map.of(Channel.SMS, "+34600111222", Channel.EMAIL, "ana@example.com"));
    Instant now = START;
    @Nullable Instance instance;
    private int events;

    Stage(String document) {
        program = Program.compile(Journeys.document(document), 3);
    }

    /** A stage for a marketing journey that begins on {@code Start}. */
    static Stage steps(String rest) {
        return new Stage(
                "journey: test\ncategory: marketing\nentry: { on: Start, again-after: PT0S }\n"
                        + rest);
    }

    Stage trait(String name, Object value) {
        traits.put(name, value);
        return this;
    }

    Stage score(String name, double value) {
        scores.put(name, value);
        return this;
    }

    Stage engaged(Channel channel, int sent, int engaged) {
        engagement.put(channel, new Engagement(sent, engaged));
        return this;
    }

    Stage without(Channel channel) {
        addresses.remove(channel);
        return this;
    }

    CustomerView customer() {
        return new CustomerView(
                ANA,
                traits,
                addresses,
                "Europe/Madrid",
                "es",
                engagement,
                scores,
                Map.of(),
                Set.of());
    }

    List<String> enter() {
        return enter(event("Start", Map.of()), null);
    }

    List<String> enter(BehaviourRecorded event, @Nullable PriorEntry prior) {
        return played(Engine.enter(program, customer(), event, prior, Peers.NONE, now, random));
    }

    List<String> event(String name) {
        return input(new Input.EventArrived(event(name, Map.of())));
    }

    List<String> input(Input input) {
        return played(
                Engine.decide(
                        program,
                        Objects.requireNonNull(instance),
                        input,
                        customer(),
                        Peers.NONE,
                        now));
    }

    /** Lets time pass and fires the timer that the instance waits for. */
    List<String> after(Duration duration) {
        now = now.plus(duration);
        return input(new Input.TimerFired(Objects.requireNonNull(instance).waiting().timer()));
    }

    List<String> sent() {
        return input(new Input.MessageReported(sent(outstanding())));
    }

    List<String> failed() {
        return input(
                new Input.MessageReported(
                        new MessageEvent.Failed(
                                outstanding(), ANA, Channel.SMS, null, "0x0B", "refused", now)));
    }

    List<String> suppressed(SuppressionReason reason, @Nullable Duration retryIn) {
        return input(
                new Input.MessageReported(
                        new MessageEvent.Suppressed(
                                outstanding(),
                                ANA,
                                Channel.SMS,
                                null,
                                reason,
                                List.of(),
                                7,
                                retryIn == null ? null : now.plus(retryIn),
                                now)));
    }

    List<String> answers(GateAnswer... answers) {
        return input(new Input.GateAnswered(question().question(), List.of(answers)));
    }

    MessageEvent.Sent sent(MessageId message) {
        return new MessageEvent.Sent(
                message, ANA, Channel.SMS, null, "t", "main", null, 1, List.of(), 7, now);
    }

    MessageId outstanding() {
        return ((Waiting.ForReport) Objects.requireNonNull(instance).waiting()).message();
    }

    MessageRequested request() {
        return last.stream()
                .filter(Effect.Request.class::isInstance)
                .map(effect -> ((Effect.Request) effect).message())
                .findFirst()
                .orElseThrow();
    }

    Effect.AskGate question() {
        return last.stream()
                .filter(Effect.AskGate.class::isInstance)
                .map(Effect.AskGate.class::cast)
                .findFirst()
                .orElseThrow();
    }

    <D extends DecisionEvent> D decision(Class<D> type) {
        return last.stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> ((Effect.Publish) effect).decision())
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    BehaviourRecorded event(String name, Map<String, Object> properties) {
        events++;
        return event("event-" + events, name, properties, AcceptedEvent.Kind.TRACK);
    }

    BehaviourRecorded event(
            String id, String name, Map<String, Object> properties, AcceptedEvent.Kind kind) {
        return new BehaviourRecorded(
                ANA, id, "web", kind, name, properties, Map.of(), List.of(), now, now);
    }

    static GateAnswer allowed() {
        return new GateAnswer.Allowed(ANA, START, List.of(), 7);
    }

    static GateAnswer denied(SuppressionReason reason) {
        return new GateAnswer.Denied(reason, null, List.of(), 7);
    }

    GateAnswer denied(SuppressionReason reason, Duration retryIn) {
        return new GateAnswer.Denied(reason, now.plus(retryIn), List.of(), 7);
    }

    private List<String> played(Decision decision) {
        instance = decision.next();
        last.clear();
        last.addAll(decision.effects());
        return last.stream().map(this::words).toList();
    }

    private String words(Effect effect) {
        return switch (effect) {
            case Effect.Request(MessageRequested m) ->
                    "request "
                            + m.channel().word()
                            + " "
                            + m.template()
                            + m.fallbacks().stream()
                                    .map(f -> " or " + f.channel().word())
                                    .collect(Collectors.joining());
            case Effect.StartTimer(String key, Instant due) ->
                    "timer " + Duration.between(now, due);
            case Effect.CancelTimers cancel -> "cancel timers";
            case Effect.AskGate(String question, List<GateRequest> requests) ->
                    "ask "
                            + requests.stream()
                                    .map(r -> r.channel().word())
                                    .collect(Collectors.joining(", "));
            case Effect.Publish(DecisionEvent decision) -> words(decision);
            case Effect.Withdraw withdraw -> "withdraw";
            case Effect.Displace displace -> "displace " + displace.by().rule();
            case Effect.Dismiss dismiss -> "dismiss for " + dismiss.stop().detail();
        };
    }

    private String words(DecisionEvent decision) {
        return switch (decision) {
            case DecisionEvent.Entered d -> "entered";
            case DecisionEvent.HeldOut d -> "held out";
            case DecisionEvent.GhostSend d ->
                    "ghost send " + d.channel().word() + " " + d.template();
            case DecisionEvent.ChannelChosen d -> "chosen " + d.chosen().word();
            case DecisionEvent.Deferred d ->
                    "deferred " + d.reason().word() + " " + Duration.between(now, d.until());
            case DecisionEvent.Moved d -> "moved from " + d.from().word() + " " + d.reason().word();
            case DecisionEvent.Withheld d ->
                    "withheld "
                            + (d.channel() == null ? "all" : d.channel().word())
                            + " "
                            + d.reason().word();
            case DecisionEvent.Displaced d ->
                    "displaced by " + d.by().journey() + " " + d.fate().word();
            case DecisionEvent.Excluded d -> "excluded by " + d.by().journey();
            case DecisionEvent.Left d ->
                    "left " + d.reason() + (d.detail() == null ? "" : " " + d.detail());
        };
    }

    /** Where something of this instance happened. */
    JourneyRef origin(String step) {
        return new JourneyRef("test", 3, Objects.requireNonNull(instance).id(), step);
    }
}
