package io.throughline.journey.engine;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.journey.arbitration.Arbitration;
import io.throughline.journey.arbitration.Displacement;
import io.throughline.journey.arbitration.Planned;
import io.throughline.journey.arbitration.Rivalry;
import io.throughline.journey.arbitration.Ruling;
import io.throughline.journey.choice.ChannelChoice;
import io.throughline.journey.choice.ChannelChoice.Candidate;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.definition.OnDisplaced;
import io.throughline.journey.definition.Step;
import io.throughline.journey.engine.Program.Node;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One decision in the making: from where the instance stands, step after step, until it waits or
 * leaves, gathering effects on the way. Lives for one call of the engine.
 */
final class Walk {

    /** What passes by itself, so that trying later can help before the deadline. */
    private static final Set<SuppressionReason> PASSING =
            Set.of(SuppressionReason.QUIET_HOURS, SuppressionReason.MINIMUM_GAP);

    /** What passes once a window has moved on: waited for by a message that gave way. */
    private static final Set<SuppressionReason> CAPS =
            Set.of(
                    SuppressionReason.JOURNEY_CAP,
                    SuppressionReason.CHANNEL_CAP,
                    SuppressionReason.GLOBAL_CAP);

    private final Program program;
    private final CustomerView customer;
    private final Peers peers;
    private final Instant now;
    private final List<Effect> effects = new ArrayList<>();
    private final List<String> reached = new ArrayList<>();
    private Instance instance;
    private String at;
    private int progress;

    Walk(Program program, Instance instance, CustomerView customer, Peers peers, Instant now) {
        this.program = program;
        this.instance = instance;
        this.customer = customer;
        this.peers = peers;
        this.now = now;
        this.at = instance.step();
        this.progress = instance.progress();
    }

    Program program() {
        return program;
    }

    Instance instance() {
        return instance;
    }

    CustomerView customer() {
        return customer;
    }

    /** What it waited for is over, though its timer, if it has one, has not fired. */
    Walk interrupted() {
        if (!instance.waiting().timer().isEmpty()) {
            effects.add(new Effect.CancelTimers());
        }
        return this;
    }

    Walk movedBy(String event) {
        instance = instance.movedBy(event);
        return this;
    }

    void record(DecisionEvent decision) {
        effects.add(new Effect.Publish(decision));
    }

    /** Another of the customer's instances leaves for this one. */
    void dismiss(Instance other) {
        effects.add(new Effect.Dismiss(other.id(), Input.Stop.displacedBy(program.journey())));
    }

    JourneyRef origin(String step) {
        return new JourneyRef(program.journey(), program.version(), instance.id(), step);
    }

    /** The step it stood at is done; goes on with the one at {@code index}. */
    Decision onTo(int index) {
        progress++;
        return from(index);
    }

    /** Runs steps from the one at {@code index} on. */
    Decision from(int index) {
        int next = index;
        while (next != Program.END) {
            Node node = program.node(next);
            at = node.path();
            reached.add(at);
            switch (node) {
                case Node.Wait wait -> {
                    Instant due = now.plus(wait.duration());
                    return await(new Waiting.ForTime(at, due), due);
                }
                case Node.WaitFor waitFor -> {
                    Instant due = now.plus(waitFor.timeout());
                    return await(new Waiting.ForEvent(at, due), due);
                }
                case Node.Send send -> {
                    return attempt(send, 1, now.plus(send.send().within()), null);
                }
                case Node.Branch branch -> {
                    next = taken(branch);
                    progress++;
                }
                case Node.Exit exit -> {
                    return leave("exit-step", exit.reason());
                }
            }
        }
        return leave("completed", null);
    }

    private Decision leave(String reason, @Nullable String detail) {
        record(new DecisionEvent.Left(customer.id(), origin(at), reason, detail, now));
        return new Decision(null, effects, reached);
    }

    /** Not let in; what was recorded says why. */
    Decision turnedAway() {
        return new Decision(null, effects, List.of());
    }

    /** Ends by its own exit or goal before its steps do; what is still queued is asked back. */
    Decision cutShort(String reason, @Nullable String detail) {
        if (instance.waiting() instanceof Waiting.ForReport waiting) {
            withdraw(waiting.message(), reason);
        }
        return leave(reason, detail);
    }

    /**
     * Ends from outside. What is owed to the customer is not asked back, but where another journey
     * takes her over.
     */
    Decision stopped(Input.Stop stop) {
        return program.owesItsMessages() && !stop.reason().equals(Input.Stop.DISPLACED)
                ? leave(stop.reason(), stop.detail())
                : cutShort(stop.reason(), stop.detail());
    }

    /** Asks for its message back; the report says whether that was in time. */
    Decision takenBack(Waiting.ForReport waiting, Displacement by) {
        withdraw(waiting.message(), Input.Stop.DISPLACED);
        return new Decision(instance.at(waiting.displaced(by), progress), effects, reached);
    }

    private void withdraw(MessageId message, String reason) {
        effects.add(
                new Effect.Withdraw(new WithdrawalRequested(message, customer.id(), reason, now)));
    }

    /** The time to try again has come. */
    Decision retry(Node.Send node, Waiting.ForRetry retry) {
        return now.isBefore(retry.deadline())
                ? attempt(node, retry.attempt(), retry.deadline(), retry.displaced())
                : withhold(
                        node,
                        retry.attempt(),
                        Refusal.byItself(node, SuppressionReason.DEADLINE_PASSED));
    }

    /**
     * The channel service said what became of the message that was asked for. A refusal by the
     * carrier leads to the step's other way without a {@code Moved} record: its reasons are the
     * gate's, and the carrier's code stands in the report itself.
     */
    Decision reported(Node.Send node, Waiting.ForReport waiting, MessageEvent.OfMessage report) {
        return switch (report) {
            case MessageEvent.Suppressed suppressed -> suppressed(node, waiting, suppressed);
            case MessageEvent.Failed failed -> onTo(node.denied());
            case MessageEvent.Sent sent -> onTo(node.next());
            case MessageEvent.Unknown unknown -> onTo(node.next());
            case MessageEvent.Delivered delivered -> onTo(node.next());
            case MessageEvent.Opened opened -> onTo(node.next());
            case MessageEvent.Clicked clicked -> onTo(node.next());
            case MessageEvent.Recalled recalled -> onTo(node.next());
            case MessageEvent.NotRecalled notRecalled -> onTo(node.next());
        };
    }

    private Decision suppressed(
            Node.Send node, Waiting.ForReport waiting, MessageEvent.Suppressed suppressed) {
        Displacement displaced = waiting.displaced();
        if (suppressed.reason() == SuppressionReason.WITHDRAWN && displaced != null) {
            return giveWay(
                    node,
                    waiting.attempt(),
                    waiting.deadline(),
                    waiting.channel(),
                    displaced,
                    null,
                    now);
        }
        Refusal refusal = Refusal.of(suppressed);
        return passesInTime(
                        refusal.reason(),
                        refusal.retryAt(),
                        waiting.attempt(),
                        waiting.deadline(),
                        displaced)
                ? defer(waiting.attempt(), waiting.deadline(), refusal, displaced)
                : denied(node, waiting.message(), refusal);
    }

    /**
     * The gate said which of the channels asked about may be used now, and how much room there is
     * for those who want some too.
     */
    Decision answered(Node.Send node, Waiting.ForGate waiting, List<GateAnswer> answers) {
        int asked = waiting.asked().size();
        int expected = asked + waiting.rivals().stream().mapToInt(r -> r.channels().size()).sum();
        if (answers.size() != expected) {
            throw new IllegalArgumentException(
                    expected + " questions got " + answers.size() + " answers");
        }
        Map<Channel, GateAnswer> byChannel = new EnumMap<>(Channel.class);
        for (int i = 0; i < asked; i++) {
            byChannel.put(waiting.asked().get(i), answers.get(i));
        }
        Rivalry rivalry = rivalry(node, waiting, answers);
        ChannelChoice choice =
                ChannelChoice.among(
                        node.send().by().channels().stream()
                                .map(channel -> candidate(channel, byChannel.get(channel), rivalry))
                                .toList());
        if (!choice.ranked().isEmpty()) {
            return chosen(node, waiting, choice, answers.getFirst().policyVersion(), rivalry);
        }
        Ruling.Yields yields = rivalry.yields(waiting.asked());
        return yields == null
                ? noneAllowed(node, waiting, answers.subList(0, asked))
                : giveWay(
                        node,
                        waiting.attempt(),
                        waiting.deadline(),
                        waiting.asked().getFirst(),
                        Displacement.of(yields, peers.policy().version()),
                        answers.getFirst().verdicts(),
                        yields.to().due());
    }

    /**
     * What arbitration says of each channel that the gate allows; nothing where nobody competes.
     */
    private Rivalry rivalry(Node.Send node, Waiting.ForGate waiting, List<GateAnswer> answers) {
        if (waiting.rivals().isEmpty()) {
            return Rivalry.NONE;
        }
        Planned own = own(node, waiting.attempt(), waiting.deadline(), waiting.asked());
        return own == null
                ? Rivalry.NONE
                : Rivalry.between(own, waiting.rivals(), answers, peers.policy(), now);
    }

    private @Nullable Planned own(
            Node.Send node, int attempt, Instant deadline, List<Channel> channels) {
        return Plans.planned(program, instance, node, attempt, now, deadline, channels, customer);
    }

    private Candidate candidate(Channel channel, @Nullable GateAnswer answer, Rivalry rivalry) {
        SuppressionReason infeasible =
                switch (answer) {
                    case GateAnswer.Allowed allowed ->
                            customer.addresses().containsKey(channel)
                                    ? rivalry.yieldsOn(channel)
                                    : SuppressionReason.NO_ADDRESS;
                    case GateAnswer.Denied denied -> denied.reason();
                    case null -> SuppressionReason.NO_ADDRESS;
                };
        return new Candidate(channel, customer.engagementOn(channel), infeasible);
    }

    private Decision chosen(
            Node.Send node,
            Waiting.ForGate waiting,
            ChannelChoice choice,
            int policyVersion,
            Rivalry rivalry) {
        MessageId message = message(waiting.attempt());
        Channel best = choice.ranked().getFirst();
        if (node.send().by() instanceof Step.Via.Best) {
            record(
                    new DecisionEvent.ChannelChosen(
                            customer.id(),
                            origin(at),
                            message,
                            best,
                            choice.options(),
                            policyVersion,
                            now));
        }
        if (instance.heldOut()) {
            record(
                    new DecisionEvent.GhostSend(
                            customer.id(), origin(at), best, node.send().template(), now));
            return onTo(node.next());
        }
        for (Ruling.Displaced other : rivalry.displacedOn(best)) {
            effects.add(
                    new Effect.Displace(
                            other.planned().origin().instance(),
                            other.planned().message(),
                            new Displacement(
                                    origin(at),
                                    other.room().rule(),
                                    other.room().count(),
                                    other.room().limit(),
                                    1,
                                    peers.policy().version())));
        }
        return request(
                node, choice.ranked(), waiting.attempt(), waiting.deadline(), waiting.displaced());
    }

    private Decision noneAllowed(
            Node.Send node, Waiting.ForGate waiting, List<GateAnswer> answers) {
        List<Refusal> denials = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i) instanceof GateAnswer.Denied denied) {
                denials.add(Refusal.of(waiting.asked().get(i), denied));
            }
        }
        Refusal soonest =
                denials.stream()
                        .filter(d ->
                                passesInTime(
                                        d.reason(),
                                        d.retryAt(),
                                        waiting.attempt(),
                                        waiting.deadline(),
                                        waiting.displaced()))
                        .min(Comparator.comparing(Refusal::retryAt))
                        .orElse(null);
        if (soonest != null) {
            return defer(waiting.attempt(), waiting.deadline(), soonest, waiting.displaced());
        }
        return withhold(
                node,
                waiting.attempt(),
                denials.isEmpty()
                        ? Refusal.byItself(node, SuppressionReason.NO_ADDRESS)
                        : denials.getFirst());
    }

    private Decision attempt(
            Node.Send node, int attempt, Instant deadline, @Nullable Displacement displaced) {
        List<Channel> reachable = Plans.reachable(node, customer);
        if (reachable.isEmpty()) {
            return withhold(node, attempt, Refusal.byItself(node, SuppressionReason.NO_ADDRESS));
        }
        List<Planned> rivals = rivals(node, attempt, deadline, reachable);
        boolean looksBefore =
                instance.heldOut()
                        || node.send().by() instanceof Step.Via.Best
                        || displaced != null
                        || !rivals.isEmpty();
        return looksBefore
                ? ask(new Waiting.ForGate(at, attempt, deadline, reachable, rivals, displaced))
                : request(node, reachable, attempt, deadline, null);
    }

    /**
     * Who else is going to write to the customer and could take this message's place, or has asked
     * already and would lose its own to it.
     */
    private List<Planned> rivals(
            Node.Send node, int attempt, Instant deadline, List<Channel> channels) {
        Planned own = own(node, attempt, deadline, channels);
        if (own == null || own.category() == Category.TRANSACTIONAL) {
            return List.of();
        }
        return Plans.of(peers.beside(instance), customer, now, peers.policy().arbitrationWindow())
                .stream()
                .filter(other -> other.outranks(own) || (other.pending() && own.outranks(other)))
                .filter(other -> Arbitration.compete(own, other, peers.policy()))
                .toList();
    }

    private Decision ask(Waiting.ForGate waiting) {
        JourneyDocument document = program.document();
        List<GateRequest> requests = new ArrayList<>();
        for (Channel channel : waiting.asked()) {
            requests.add(
                    new GateRequest(
                            customer.id(),
                            message(waiting.attempt()),
                            channel,
                            document.category(),
                            document.topic(),
                            program.journey(),
                            address(channel)));
        }
        for (Planned rival : waiting.rivals()) {
            for (int i = 0; i < rival.channels().size(); i++) {
                GateRequest request =
                        new GateRequest(
                                customer.id(),
                                rival.message(),
                                rival.channels().get(i),
                                rival.category(),
                                rival.topic(),
                                rival.origin().journey(),
                                rival.addresses().get(i));
                requests.add(rival.pending() ? request.again() : request);
            }
        }
        effects.add(new Effect.AskGate(waiting.question(), requests));
        return new Decision(instance.at(waiting, progress), effects, reached);
    }

    /**
     * @param channels that may be used, best first; the rest are fallbacks
     */
    private Decision request(
            Node.Send node,
            List<Channel> channels,
            int attempt,
            Instant deadline,
            @Nullable Displacement displaced) {
        JourneyDocument document = program.document();
        Channel channel = channels.getFirst();
        String template = node.send().template();
        MessageId message = message(attempt);
        effects.add(
                new Effect.Request(
                        new MessageRequested(
                                message,
                                customer.id(),
                                channel,
                                address(channel),
                                template,
                                document.category(),
                                document.topic(),
                                document.priority(),
                                origin(at),
                                Variables.ofTemplate(customer, instance, at),
                                customer.locale(),
                                customer.zone(),
                                channels.stream()
                                        .skip(1)
                                        .map(c -> new Fallback(c, address(c), template))
                                        .toList(),
                                now,
                                deadline)));
        return await(
                new Waiting.ForReport(at, message, channel, attempt, deadline, now, displaced),
                deadline.plus(Engine.REPORT_GRACE));
    }

    private Decision defer(
            int attempt, Instant deadline, Refusal refusal, @Nullable Displacement displaced) {
        Instant retryAt = refusal.retryAt();
        Instant until =
                retryAt == null || !retryAt.isAfter(now)
                        ? now.plus(Engine.CLOCKS_AGREE.multipliedBy(1L << (attempt - 1)))
                        : retryAt;
        record(
                new DecisionEvent.Deferred(
                        customer.id(),
                        origin(at),
                        message(attempt),
                        refusal.reason(),
                        until,
                        refusal.channel(),
                        refusal.verdictsIfAny(),
                        refusal.policyIfAny(),
                        now));
        return await(new Waiting.ForRetry(at, attempt + 1, until, deadline, displaced), until);
    }

    /**
     * Gives way to a more important message: until that one's time has passed, and longer with each
     * attempt, since it may itself be put off; or for good, where the document says so or the
     * step's time is up before.
     *
     * @param verdicts what the gate said of it just now; absent where it was not asked
     * @param due when the other is to go
     */
    private Decision giveWay(
            Node.Send node,
            int attempt,
            Instant deadline,
            Channel channel,
            Displacement by,
            @Nullable List<Verdict> verdicts,
            Instant due) {
        Instant until =
                (due.isAfter(now) ? due : now)
                        .plus(Engine.SETTLING.multipliedBy(1L << (attempt - 1)));
        boolean defers =
                program.document().onDisplaced(node.send()) == OnDisplaced.DEFER
                        && until.isBefore(deadline)
                        && attempt < Engine.MAX_ATTEMPTS;
        record(
                new DecisionEvent.Displaced(
                        customer.id(),
                        origin(at),
                        message(attempt),
                        channel,
                        defers ? DecisionEvent.Fate.DEFERRED : DecisionEvent.Fate.DROPPED,
                        by.by(),
                        by.rule(),
                        by.count(),
                        by.limit(),
                        by.planned(),
                        defers ? until : null,
                        by.policyVersion(),
                        verdicts,
                        now));
        return defers
                ? await(new Waiting.ForRetry(at, attempt + 1, until, deadline, by), until)
                : onTo(node.denied());
    }

    /** The journey itself sees that nothing can be sent. */
    private Decision withhold(Node.Send node, int attempt, Refusal refusal) {
        Channel only = node.send().by() instanceof Step.Via.Fixed(Channel channel) ? channel : null;
        record(
                new DecisionEvent.Withheld(
                        customer.id(),
                        origin(at),
                        only,
                        refusal.reason(),
                        refusal.verdicts(),
                        refusal.policyVersion(),
                        now));
        return denied(node, message(attempt), refusal);
    }

    /** Goes on without the message, by the step's other way if it has one. */
    private Decision denied(Node.Send node, MessageId message, Refusal refusal) {
        if (node.hasOtherWay()) {
            record(
                    new DecisionEvent.Moved(
                            customer.id(),
                            origin(at),
                            message,
                            refusal.channel(),
                            null,
                            refusal.reason(),
                            refusal.verdictsIfAny(),
                            refusal.policyIfAny(),
                            now));
        }
        return onTo(node.denied());
    }

    private Decision await(Waiting waiting, Instant due) {
        effects.add(new Effect.StartTimer(waiting.timer(), due));
        return new Decision(instance.at(waiting, progress), effects, reached);
    }

    private int taken(Node.Branch branch) {
        Map<String, Object> variables = Variables.ofCondition(customer, instance);
        for (Program.Arm arm : branch.arms()) {
            if (arm.when().test(variables)) {
                return arm.then();
            }
        }
        return branch.otherwise();
    }

    private static boolean passesInTime(
            SuppressionReason reason,
            @Nullable Instant retryAt,
            int attempt,
            Instant deadline,
            @Nullable Displacement displaced) {
        return (PASSING.contains(reason) || (displaced != null && CAPS.contains(reason)))
                && retryAt != null
                && retryAt.isBefore(deadline)
                && attempt < Engine.MAX_ATTEMPTS;
    }

    private MessageId message(int attempt) {
        return MessageId.of(instance.id(), at, attempt);
    }

    private String address(Channel channel) {
        String address = customer.addresses().get(channel);
        if (address == null) {
            throw new IllegalStateException("no address on " + channel.word());
        }
        return address;
    }
}
