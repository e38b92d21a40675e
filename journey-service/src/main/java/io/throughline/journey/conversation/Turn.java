package io.throughline.journey.conversation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.rules.SignsOfLife;
import io.throughline.journey.conversation.Casebook.Case;
import io.throughline.journey.engine.Decision;
import io.throughline.journey.engine.Effect;
import io.throughline.journey.engine.Engine;
import io.throughline.journey.engine.Exclusion;
import io.throughline.journey.engine.Input;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.engine.MergedInstances;
import io.throughline.journey.engine.Peers;
import io.throughline.journey.engine.Peers.Peer;
import io.throughline.journey.engine.PriorEntry;
import io.throughline.journey.engine.Program;
import io.throughline.journey.engine.Waiting;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.store.BehaviourStore.Behaviour;
import io.throughline.journey.store.EntryStore.Entry;
import io.throughline.journey.store.KeptEvent;
import io.throughline.journey.store.TimerStore.Kind;
import io.throughline.journey.store.TimerStore.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs stimuli through the engine, in memory. The stimuli of a customer keep their order; where one
 * leads to a question for the gate, that customer's others wait for the answer, and no one else's
 * do, so that all open questions can be asked in one round trip.
 */
final class Turn {

    static final String ARCHIVED = "archived";

    private static final String SEGMENTS = "segments";
    private static final String SEGMENT_ENTERED = "Segment Entered";
    private static final String SEGMENT_LEFT = "Segment Left";

    private final InForce inForce;
    private final Casebook book;
    private final Answers answers;
    private final Instant now;
    private final RandomGenerator random;
    private final Collection<Line> lines;

    /**
     * What the ledger of messages says of this unit of work's reports.
     *
     * @param sent messages of which nobody knew before that they were sent
     * @param answered messages that the customer answered for the first time
     */
    record Answers(Set<MessageId> sent, Set<MessageId> answered) {

        Answers {
            sent = new HashSet<>(sent);
            answered = new HashSet<>(answered);
        }
    }

    /** What an instance wants to know of the gate. */
    record Question(UUID instance, Effect.AskGate ask) {

        List<GateRequest> requests() {
            return ask.requests();
        }
    }

    /** What is still to be done for a customer. */
    private sealed interface Work {

        record Take(Stimulus stimulus) implements Work {}

        /**
         * @param kept how to keep the input where the journey is paused; absent for what is not to
         *     be kept
         */
        record Feed(UUID instance, Input input, @Nullable Kept kept) implements Work {}

        record LetIn(Program program, BehaviourRecorded event) implements Work {}
    }

    private record Kept(UUID id, KeptEvent event) {}

    /** The work of one customer, or of several that are merged in this turn. */
    private static final class Line {
        private final Deque<Work> work = new ArrayDeque<>();
        private @Nullable Question open;
    }

    Turn(
            InForce inForce,
            Casebook book,
            Answers answers,
            List<Stimulus> stimuli,
            Instant now,
            RandomGenerator random) {
        this.inForce = inForce;
        this.book = book;
        // A copy, to cross off in: the same may be decided again.
        this.answers = new Answers(answers.sent(), answers.answered());
        this.now = now;
        this.random = random;
        this.lines = lines(stimuli);
    }

    /** Does all that can be done; gives the questions that must be answered before the rest can. */
    List<Question> advance() {
        List<Question> open = new ArrayList<>();
        for (Line line : lines) {
            while (line.open == null && !line.work.isEmpty()) {
                work(line, line.work.removeFirst());
            }
            if (line.open != null) {
                open.add(line.open);
            }
        }
        return open;
    }

    /**
     * @param all for each question of {@link #advance}, in order
     */
    void answer(List<List<GateAnswer>> all) {
        int next = 0;
        for (Line line : lines) {
            Question question = line.open;
            if (question != null) {
                Input input = new Input.GateAnswered(question.ask().question(), all.get(next++));
                line.work.addFirst(new Work.Feed(question.instance(), input, null));
                line.open = null;
            }
        }
    }

    private Collection<Line> lines(List<Stimulus> stimuli) {
        Kinship kinship = new Kinship();
        for (Stimulus stimulus : stimuli) {
            if (stimulus instanceof Stimulus.Merged(CustomersMerged merge)) {
                kinship.join(book.resolve(merge.survivor()), book.resolve(merge.merged()));
            } else if (stimulus instanceof Stimulus.Unlinked(IdentifiersUnlinked unlink)) {
                kinship.join(book.resolve(unlink.customer()), book.resolve(unlink.to()));
            }
        }
        TreeMap<CustomerId, Line> byHead = new TreeMap<>();
        for (Stimulus stimulus : stimuli) {
            CustomerId head = kinship.headOf(book.resolve(stimulus.customer()));
            byHead.computeIfAbsent(head, ignored -> new Line())
                    .work
                    .addLast(new Work.Take(stimulus));
        }
        return byHead.values();
    }

    private void work(Line line, Work work) {
        switch (work) {
            case Work.Take(Stimulus stimulus) -> take(line, stimulus);
            case Work.Feed(UUID instance, Input input, Kept kept) ->
                    feed(line, instance, input, kept);
            case Work.LetIn(Program program, BehaviourRecorded event) ->
                    letIn(line, program, event);
        }
    }

    private void take(Line line, Stimulus stimulus) {
        switch (stimulus) {
            case Stimulus.Behaved(UUID id, BehaviourRecorded event) -> behaved(line, id, event);
            case Stimulus.ProfileKnown(ProfileChanged profile) -> profileKnown(profile);
            case Stimulus.ConsentSaid(ConsentChanged consent) -> consentSaid(consent);
            case Stimulus.Scored(ScoresPredicted scores) ->
                    book.put(book.customer(scores.customer()).with(scores));
            case Stimulus.SegmentEntry(UUID id, SegmentEntered entered) ->
                    segment(line, id, entered);
            case Stimulus.SegmentExit(UUID id, SegmentLeft left) -> segment(line, id, left);
            case Stimulus.Merged(CustomersMerged merge) -> merge(line, merge);
            case Stimulus.Unlinked(IdentifiersUnlinked unlink) -> unlink(unlink);
            case Stimulus.Reported(UUID id, MessageEvent.OfMessage report) ->
                    reported(line, id, report);
            case Stimulus.Replied(CustomerId customer, MessageId message, Channel channel) ->
                    answered(customer, message, channel);
            case Stimulus.Due(Timer timer) -> due(line, timer);
        }
    }

    /**
     * First the instances that run, then whoever the event leads in; the more important journey
     * first, and the older instance where they are level.
     */
    private void behaved(Line line, UUID id, BehaviourRecorded event) {
        if (event.kind() != AcceptedEvent.Kind.TRACK) {
            visited(event);
            return;
        }
        book.happened(new Behaviour(id, event));
        List<Work> follows = new ArrayList<>();
        Kept kept = new Kept(id, KeptEvent.of(event));
        for (Case running : byImportance(book.running(event.customer()))) {
            follows.add(
                    new Work.Feed(running.instance().id(), new Input.EventArrived(event), kept));
        }
        for (Program program : inForce.ledIntoBy(event.name())) {
            follows.add(new Work.LetIn(program, event));
        }
        follows.reversed().forEach(line.work::addFirst);
    }

    /** That she was there, for what is asked of the past; one an hour is enough. */
    private void visited(BehaviourRecorded event) {
        if (SignsOfLife.shows(event.kind(), event.name(), event.context())) {
            Instant hour = event.receivedAt().truncatedTo(ChronoUnit.HOURS);
            String visit =
                    event.customer() + " " + event.sighting() + " " + event.kind() + " " + hour;
            book.happened(
                    new Behaviour(
                            UUID.nameUUIDFromBytes(visit.getBytes(StandardCharsets.UTF_8)),
                            event.nameless()));
        }
    }

    /** What is queued for the instance that leaves, unless it is owed to the customer. */
    private void askBack(List<Instance> before, @Nullable Instance left) {
        if (left == null
                || !(left.waiting() instanceof Waiting.ForReport waiting)
                || inForce.program(left.journey(), left.version()).owesItsMessages()) {
            return;
        }
        before.stream()
                .filter(instance -> instance.id().equals(left.id()))
                .map(instance ->
                        new WithdrawalRequested(
                                waiting.message(), instance.customer(), "merged", now))
                .forEach(book::say);
    }

    private List<Case> byImportance(List<Case> running) {
        return running.stream().sorted(Comparator.comparingInt(this::priority).reversed()).toList();
    }

    private int priority(Case running) {
        Instance instance = running.instance();
        return inForce.program(instance.journey(), instance.version()).document().priority();
    }

    private void segment(Line line, UUID id, SegmentEntered entered) {
        segment(
                line,
                id,
                book.customer(entered.customer()).in(entered.segment()),
                new BehaviourRecorded(
                        entered.customer(),
                        id.toString(),
                        SEGMENTS,
                        AcceptedEvent.Kind.TRACK,
                        SEGMENT_ENTERED,
                        Map.of(
                                "segment", entered.segment(),
                                "version", entered.version(),
                                "backfill", entered.backfill()),
                        Map.of(),
                        List.of(),
                        entered.at(),
                        entered.at()));
    }

    private void segment(Line line, UUID id, SegmentLeft left) {
        segment(
                line,
                id,
                book.customer(left.customer()).notIn(left.segment()),
                new BehaviourRecorded(
                        left.customer(),
                        id.toString(),
                        SEGMENTS,
                        AcceptedEvent.Kind.TRACK,
                        SEGMENT_LEFT,
                        Map.of(
                                "segment", left.segment(),
                                "version", left.version(),
                                "backfill", left.backfill()),
                        Map.of(),
                        List.of(),
                        left.at(),
                        left.at()));
    }

    /**
     * Entering and leaving are events like any other, where they change anything. What is said
     * under the id of a customer who was merged is older than the merge: identity says of the
     * survivor what holds for her.
     */
    private void segment(Line line, UUID id, KnownCustomer after, BehaviourRecorded event) {
        if (book.resolve(event.customer()).equals(event.customer())
                && !book.customer(event.customer()).equals(after)) {
            book.put(after);
            behaved(line, id, event);
        }
    }

    /**
     * Nobody says anything under the id of a customer who was merged: what comes under one is from
     * before the merge, by the stream of that id.
     */
    private void consentSaid(ConsentChanged consent) {
        KnownCustomer customer = book.customer(consent.customer());
        book.put(
                customer.id().equals(consent.customer())
                        ? customer.with(consent)
                        : customer.withEarlier(consent));
    }

    /** A profile under the id of a customer who was merged is older than the merge. */
    private void profileKnown(ProfileChanged profile) {
        if (book.resolve(profile.customer()).equals(profile.customer())) {
            book.put(book.customer(profile.customer()).with(profile));
        }
    }

    private void reported(Line line, UUID id, MessageEvent.OfMessage report) {
        if (report instanceof MessageEvent.Sent && answers.sent().remove(report.message())) {
            book.put(book.customer(report.customer()).reached(report.channel()));
        } else if (Involved.isAnswer(report)) {
            answered(report.customer(), report.message(), report.channel());
        }
        JourneyRef origin = report.origin();
        if (origin != null) {
            line.work.addFirst(
                    new Work.Feed(
                            origin.instance(),
                            new Input.MessageReported(report),
                            new Kept(id, KeptEvent.of(report))));
        }
    }

    private void answered(CustomerId customer, MessageId message, Channel channel) {
        if (answers.answered().remove(message)) {
            book.put(book.customer(customer).answered(channel));
        }
    }

    private void due(Line line, Timer timer) {
        if (inForce.paused(timer.journey()) && timer.kind() != Kind.STOP) {
            book.hold(timer);
            return;
        }
        book.remove(timer);
        Input input =
                switch (timer.kind()) {
                    case TIMER -> new Input.TimerFired(timer.key());
                    case INPUT -> inputOf(timer);
                    case STOP -> new Input.Stop(ARCHIVED);
                };
        line.work.addFirst(new Work.Feed(timer.instance(), input, null));
    }

    private static Input inputOf(Timer timer) {
        KeptEvent kept = timer.payload();
        return switch (kept == null ? null : kept.event()) {
            case BehaviourRecorded event -> new Input.EventArrived(event);
            case MessageEvent.OfMessage report -> new Input.MessageReported(report);
            case null, default ->
                    throw new IllegalStateException(
                            "timer " + timer.key() + " of " + timer.instance() + " keeps no input");
        };
    }

    private void feed(Line line, UUID id, Input input, @Nullable Kept kept) {
        Case running = book.running(id);
        if (running == null) {
            return;
        }
        Instance instance = running.instance();
        Program program = inForce.program(instance.journey(), instance.version());
        Input effective = inForce.archived(instance.journey()) ? new Input.Stop(ARCHIVED) : input;
        Decision decision =
                Engine.decide(
                        program,
                        instance,
                        effective,
                        book.customer(instance.customer()).view(),
                        peers(instance.customer()),
                        now);
        if (inForce.paused(instance.journey()) && decision.next() != null) {
            keep(running, decision, kept);
        } else {
            apply(line, running, decision);
        }
    }

    private Peers peers(CustomerId customer) {
        return new Peers(
                book.running(customer).stream().map(Case::instance).map(this::peer).toList(),
                inForce.policy());
    }

    private Peer peer(Instance instance) {
        String journey = instance.journey();
        return new Peer(
                inForce.program(journey, instance.version()),
                instance,
                !inForce.paused(journey) && !inForce.archived(journey));
    }

    /** In a paused journey nobody goes on; what would have moved them is put to them later. */
    private void keep(Case running, Decision decision, @Nullable Kept kept) {
        Instance instance = running.instance();
        if (kept != null && !(decision.effects().isEmpty() && instance.equals(decision.next()))) {
            running.start(
                    new Timer(
                            instance.id(),
                            "input/" + kept.id(),
                            instance.customer(),
                            instance.journey(),
                            Kind.INPUT,
                            now,
                            true,
                            kept.event()));
        }
    }

    private void letIn(Line line, Program program, BehaviourRecorded event) {
        KnownCustomer customer = book.customer(event.customer());
        Decision decision =
                Engine.enter(
                        program,
                        customer.view(),
                        event,
                        priorEntry(customer.id(), program.journey()),
                        peers(customer.id()),
                        now,
                        random);
        Instance entered = decision.next();
        if (!decision.letIn()) {
            perform(line, decision.effects());
            return;
        }
        book.entered(new Entry(customer.id(), program.journey(), event.messageId(), now));
        if (entered == null) {
            perform(line, decision.effects());
        } else {
            apply(line, book.open(entered), decision);
        }
    }

    private @Nullable PriorEntry priorEntry(CustomerId customer, String journey) {
        Entry entry = book.entry(customer, journey);
        return entry == null
                ? null
                : new PriorEntry(entry.at(), entry.trigger(), isIn(customer, journey));
    }

    private boolean isIn(CustomerId customer, String journey) {
        return book.running(customer).stream()
                .anyMatch(running -> running.instance().journey().equals(journey));
    }

    private void apply(Line line, Case running, Decision decision) {
        Instance next = decision.next();
        if (next != null) {
            running.become(next);
        }
        String leftReason = "left";
        for (Effect effect : decision.effects()) {
            switch (effect) {
                case Effect.Publish(DecisionEvent decided) -> {
                    book.say(decided);
                    if (decided instanceof DecisionEvent.Left left) {
                        leftReason = left.reason();
                    }
                }
                case Effect.StartTimer(String key, Instant due) ->
                        running.start(timer(running.instance(), key, due));
                case Effect.CancelTimers() -> running.cancelTimers();
                case Effect.AskGate ask -> line.open = new Question(running.instance().id(), ask);
                case Effect.Request _, Effect.Withdraw _, Effect.Displace _, Effect.Dismiss _ ->
                        perform(line, List.of(effect));
            }
        }
        if (next == null) {
            running.leave(leftReason);
        }
    }

    /** What is wanted of others; what is wanted for an instance itself has none to go to. */
    private void perform(Line line, List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Publish(DecisionEvent decided) -> book.say(decided);
                case Effect.Request(var message) -> book.say(message);
                case Effect.Withdraw(var request) -> book.say(request);
                case Effect.Displace(UUID other, var message, var by) ->
                        feed(line, other, new Input.Displaced(message, by), null);
                case Effect.Dismiss(UUID other, Input.Stop stop) -> feed(line, other, stop, null);
                case Effect.StartTimer _, Effect.CancelTimers _, Effect.AskGate _ -> {}
            }
        }
    }

    private static Timer timer(Instance instance, String key, Instant due) {
        return new Timer(
                instance.id(),
                key,
                instance.customer(),
                instance.journey(),
                Kind.TIMER,
                due,
                false,
                null);
    }

    /**
     * What each of the two consented to is said anew, as it was then; it comes with the first one's
     * events, and the other may have said more since. An instance stays with the customer it began
     * with: who it writes to from here on is in her profile, which comes with the next event.
     */
    private void unlink(IdentifiersUnlinked unlink) {
        Instant at = unlink.unlinkedAt();
        book.put(book.customer(unlink.customer()).takenApart(unlink.consents(), at));
        book.put(book.customer(unlink.to()).takenApart(unlink.toConsents(), at));
        book.takeApart(unlink);
    }

    private void merge(Line line, CustomersMerged merge) {
        CustomerId survivor = book.resolve(merge.survivor());
        CustomerId merged = book.resolve(merge.merged());
        if (survivor.equals(merged)) {
            return;
        }
        List<Case> own = book.running(survivor);
        List<Case> gained = book.running(merged);
        book.merge(survivor, merged, merge.mergedAt());
        for (Case other : gained) {
            List<Instance> ofOneJourney = new ArrayList<>();
            ofOneJourney.add(other.instance());
            own.stream()
                    .map(Case::instance)
                    .filter(instance -> instance.journey().equals(other.instance().journey()))
                    .findFirst()
                    .ifPresent(ofOneJourney::add);
            MergedInstances joined = Engine.merge(survivor, ofOneJourney, now);
            book.keep(joined);
            perform(line, joined.effects());
            askBack(ofOneJourney, joined.left());
        }
        exclude(line, own, gained);
    }

    private void exclude(Line line, List<Case> own, List<Case> gained) {
        Exclusion.onMerge(stillIn(own), stillIn(gained), inForce.policy().groups())
                .forEach(leaving ->
                        feed(line, leaving.instance(), Input.Stop.displacedBy(leaving.by()), null));
    }

    private List<Peer> stillIn(List<Case> cases) {
        return cases.stream()
                .filter(running -> !running.hasLeft())
                .map(Case::instance)
                .map(this::peer)
                .toList();
    }
}
