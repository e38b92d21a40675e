package io.throughline.journey.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.governance.GateAnswer;
import io.throughline.journey.choice.Engagement;
import io.throughline.journey.conversation.Casebook.Loaded;
import io.throughline.journey.conversation.Turn.Answers;
import io.throughline.journey.conversation.Turn.Question;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.engine.Program;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.profile.KnownCustomer.Consent;
import io.throughline.journey.profile.Scores;
import io.throughline.journey.store.Catalogue;
import io.throughline.journey.store.Catalogue.Standing;
import io.throughline.journey.store.Catalogue.Version;
import io.throughline.journey.store.InstanceStore.Stored;
import io.throughline.journey.store.JourneyStatus;
import io.throughline.journey.store.TimerStore.Kind;
import io.throughline.journey.store.TimerStore.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TurnTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final CustomerId ANA = customer(1);
    private static final CustomerId GUEST = customer(2);
    private static final CustomerId BEA = customer(3);

    private static final String SIMPLE =
            """
            journey: simple
            category: service
            entry: { on: Cart Left }
            goal: { on: Cart Paid }
            steps:
              - send: { channel: email, template: one }
              - wait: PT1H
              - send: { channel: email, template: two }
            """;

    private static final String BEST =
            """
            journey: simple
            category: service
            entry: { on: Cart Left }
            goal: { on: Cart Paid }
            steps:
              - send: { channel: best, among: [email, sms], template: one }
            """;

    private static final String SEGMENT =
            """
            journey: simple
            category: service
            entry: { on: Segment Entered, when: "event.properties.segment == 'vip' && 'vip' in customer.segments" }
            exit: [ { on: Segment Left, when: "event.properties.segment == 'vip'" } ]
            steps:
              - wait: PT1H
              - send: { channel: email, template: one }
            """;

    private String document = SIMPLE;
    private JourneyStatus status = JourneyStatus.ACTIVE;
    private final List<Instance> running = new ArrayList<>();

    @Test
    void whatComesAfterAQuestionWaitsForItsAnswer() {
        document = BEST;
        Casebook book = book(ana(), guest());
        Turn turn =
                turn(
                        book,
                        does(ANA, "Cart Left"),
                        does(GUEST, "Cart Left"),
                        does(ANA, "Cart Paid"));
        List<Question> questions = turn.advance();
        assertThat(questions).hasSize(2);
        assertThat(said(book, DecisionEvent.Left.class)).isEmpty();

        turn.answer(questions.stream().map(TurnTest::allowed).toList());
        assertThat(turn.advance()).isEmpty();
        assertThat(said(book, MessageRequested.class)).hasSize(2);
        assertThat(said(book, DecisionEvent.Left.class))
                .singleElement()
                .extracting(DecisionEvent.Left::customer, DecisionEvent.Left::reason)
                .containsExactly(ANA, "goal");
    }

    @Test
    void aTimerThatWasStartedAndEndedWithinTheTurnIsNotStored() {
        Casebook book = book(ana());
        run(book, does(ANA, "Cart Left"), does(ANA, "Cart Paid"));
        assertThat(book.startedTimers()).isEmpty();
        assertThat(book.changedInstances(NOW))
                .singleElement()
                .extracting(Stored::leftReason)
                .isEqualTo("goal");
    }

    /** What a preview of a policy asks of the past: was she on the site, and when about. */
    @Test
    void ofPagesOneAnHourIsKeptAndNothingOfWhatWasOnThem() {
        Casebook book = book(ana());
        run(book, visits(NOW), visits(NOW.plusSeconds(1)), visits(NOW.plusSeconds(3600)));

        assertThat(book.behaviours()).extracting(b -> b.id()).doesNotContainNull();
        assertThat(book.behaviours().stream().map(b -> b.id()).distinct()).hasSize(2);
        assertThat(book.behaviours()).allSatisfy(b -> assertThat(b.event().properties()).isEmpty());
    }

    @Test
    void whoComesIntoASegmentIsLetInOnceAndWhoLeavesItLeaves() {
        document = SEGMENT;
        Casebook book = book(ana());
        run(book, enters(ANA, "vip"), enters(ANA, "vip"), enters(ANA, "other"));
        assertThat(said(book, DecisionEvent.Entered.class)).hasSize(1);
        assertThat(book.customer(ANA).segments()).containsExactlyInAnyOrder("vip", "other");
        run(book, leaves(ANA, "other"), leaves(ANA, "never"));
        assertThat(said(book, DecisionEvent.Left.class)).isEmpty();
        run(book, leaves(ANA, "vip"));
        assertThat(said(book, DecisionEvent.Left.class)).hasSize(1);
        assertThat(book.customer(ANA).segments()).isEmpty();
    }

    @Test
    void aMergeJoinsSegmentsAndWhatWasSaidOfTheMergedOneBeforeCountsNoMore() {
        document = SEGMENT;
        Casebook book = book(ana(), guest());
        run(
                book,
                enters(GUEST, "vip"),
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", NOW)),
                enters(ANA, "vip"),
                leaves(GUEST, "vip"),
                enters(GUEST, "other"));
        assertThat(book.customer(ANA).segments()).containsExactly("vip");
        assertThat(said(book, DecisionEvent.Entered.class))
                .extracting(DecisionEvent.Entered::customer)
                .containsExactly(GUEST);
        assertThat(said(book, DecisionEvent.Left.class)).isEmpty();
    }

    @Test
    void aMergeInTheMiddleOfABatchCarriesTheInstanceOver() {
        Casebook book = book(ana(), guest());
        run(
                book,
                does(GUEST, "Cart Left"),
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", NOW)),
                does(GUEST, "Cart Paid"));
        assertThat(said(book, DecisionEvent.Entered.class))
                .extracting(DecisionEvent.Entered::customer)
                .containsExactly(GUEST);
        assertThat(said(book, DecisionEvent.Left.class))
                .extracting(DecisionEvent.Left::customer)
                .containsExactly(ANA);
        assertThat(book.merges()).hasSize(1);
        assertThat(book.changedEntries()).singleElement().extracting("customer").isEqualTo(ANA);
    }

    @Test
    void ofTwoInstancesOfAJourneyAMergeEndsOne() {
        Casebook book = book(ana(), guest());
        run(
                book,
                does(ANA, "Cart Left"),
                does(GUEST, "Cart Left"),
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", NOW)));
        assertThat(book.running(ANA)).hasSize(1);
        assertThat(said(book, DecisionEvent.Left.class))
                .singleElement()
                .extracting(DecisionEvent.Left::reason)
                .isEqualTo("merged");
        Instance kept = book.running(ANA).getFirst().instance();
        assertThat(said(book, MessageRequested.class)).hasSize(2);
        assertThat(said(book, WithdrawalRequested.class))
                .singleElement()
                .satisfies(asked -> {
                    assertThat(asked.reason()).isEqualTo("merged");
                    assertThat(kept.waiting().toString())
                            .doesNotContain(asked.message().toString());
                });
        assertThat(book.startedTimers()).extracting(Timer::customer).containsOnly(ANA);
    }

    @Test
    void aMergeThatIsToldAgainChangesNothing() {
        Stimulus merge = new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", NOW));
        Casebook book =
                new Casebook(new Loaded(Map.of(GUEST, ANA), List.of(ana()), List.of(), List.of()));
        run(book, merge);
        assertThat(book.merges()).isEmpty();
        assertThat(book.changedCustomers()).isEmpty();
    }

    @Test
    void aProfileUnderAMergedIdIsOlderThanTheMergeAndIsIgnored() {
        Casebook book =
                new Casebook(new Loaded(Map.of(GUEST, ANA), List.of(ana()), List.of(), List.of()));
        run(
                book,
                new Stimulus.ProfileKnown(
                        new ProfileChanged(
                                GUEST,
                                99,
                                List.of(),
                                Map.of("firstName", "Nobody"),
                                Map.of(),
                                null,
                                null,
                                NOW,
                                NOW)));
        assertThat(book.changedCustomers()).isEmpty();
    }

    @Test
    void aWordOfAMergedCustomerThatComesLateLoosensNothing() {
        Casebook book = book(ana(), guest());
        run(
                book,
                consents(ANA, ConsentState.OPTED_OUT, 1),
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", at(3))),
                consents(GUEST, ConsentState.OPTED_IN, 2));
        assertThat(book.customer(ANA).view().consents())
                .containsEntry("sms", ConsentState.OPTED_OUT);
        // The ledger has the later date, so that nothing from between lifts it.
        assertThat(book.customer(ANA).consents())
                .containsExactly(new Consent(Channel.SMS, null, ConsentState.OPTED_OUT, at(2)));
        run(book, consents(ANA, ConsentState.OPTED_IN, 4));
        assertThat(book.customer(ANA).view().consents())
                .containsEntry("sms", ConsentState.OPTED_IN);
    }

    @Test
    void aWordOfAMergedCustomerThatComesLateDoesNotTakeBackWhatWasSaidSince() {
        Casebook book = book(ana(), guest());
        run(
                book,
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", at(3))),
                consents(ANA, ConsentState.OPTED_IN, 4),
                consents(GUEST, ConsentState.OPTED_OUT, 2));
        assertThat(book.customer(ANA).view().consents())
                .containsEntry("sms", ConsentState.OPTED_IN);
    }

    @Test
    void anUnlinkDoesNotTakeBackWhatTheOtherSaidSince() {
        Casebook book = book(ana(), guest());
        run(
                book,
                consents(GUEST, ConsentState.OPTED_IN, 1),
                consents(GUEST, ConsentState.OPTED_OUT, 3),
                unlinks(
                        ANA,
                        GUEST,
                        List.of(),
                        List.of(
                                stood(Channel.SMS, ConsentState.OPTED_IN, 1),
                                stood(Channel.EMAIL, ConsentState.OPTED_IN, 1)),
                        2));
        assertThat(book.customer(GUEST).view().consents())
                .isEqualTo(Map.of("sms", ConsentState.OPTED_OUT, "email", ConsentState.OPTED_IN));
    }

    @Test
    void anUnlinkThatComesAfterALaterMergeTakesNothingFromTheSurvivor() {
        Casebook book = book(ana(), guest(), reachable(BEA));
        run(
                book,
                consents(ANA, ConsentState.OPTED_OUT, 1),
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", at(3))),
                unlinks(
                        GUEST,
                        BEA,
                        List.of(stood(Channel.EMAIL, ConsentState.OPTED_OUT, 1)),
                        List.of(),
                        2));
        assertThat(book.customer(ANA).view().consents())
                .isEqualTo(Map.of("sms", ConsentState.OPTED_OUT, "email", ConsentState.OPTED_OUT));
    }

    @Test
    void whoIsTakenApartAndMergedAtOnceIsToldAsTheSurvivorWhicheverComesFirst() {
        List<IdentifiersUnlinked.Consent> survivors =
                List.of(stood(Channel.SMS, ConsentState.OPTED_OUT, 1));
        Stimulus apart = unlinks(GUEST, BEA, survivors, List.of(), 2);
        Stimulus merged = new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", at(2)));
        for (List<Stimulus> order : List.of(List.of(apart, merged), List.of(merged, apart))) {
            Casebook book = book(ana(), guest(), reachable(BEA));
            run(book, consents(ANA, ConsentState.OPTED_OUT, 1));
            order.forEach(stimulus -> run(book, stimulus));
            assertThat(book.customer(ANA).view().consents())
                    .isEqualTo(Map.of("sms", ConsentState.OPTED_OUT));
        }
    }

    @Test
    void scoresOfAMergedIdAreTheSurvivorsAndNobodysAfterAnUnlink() {
        Casebook book = book(ana(), guest());
        run(
                book,
                scores(ANA, Map.of("purchase_30d", 0.1), 1),
                new Stimulus.Merged(new CustomersMerged(ANA, GUEST, "m", at(3))),
                scores(GUEST, Map.of("purchase_30d", 0.2, "churn", 0.9), 2));
        assertThat(book.customer(ANA).view().scores())
                .isEqualTo(Map.of("purchase_30d", 0.2, "churn", 0.9));
        Casebook apart = book(book.customer(ANA), reachable(BEA));
        run(
                apart,
                scores(BEA, Map.of("churn", 0.5), 3),
                unlinks(ANA, BEA, List.of(), List.of(), 5),
                scores(ANA, Map.of("purchase_30d", 0.3), 4),
                scores(BEA, Map.of("purchase_30d", 0.6), 6));
        assertThat(apart.customer(ANA).view().scores()).isEmpty();
        assertThat(apart.customer(BEA).view().scores()).isEqualTo(Map.of("purchase_30d", 0.6));
    }

    @Test
    void aPausedJourneyLetsNobodyInAndKeepsWhatWouldMoveAnInstance() {
        Instance waiting = entered();
        status = JourneyStatus.PAUSED;
        Casebook book = book(ana(), guest());
        MessageEvent.Sent sent = sent(waiting);
        run(book, does(GUEST, "Cart Left"), new Stimulus.Reported(UUID.randomUUID(), sent));
        assertThat(book.events()).isEmpty();
        assertThat(book.startedTimers())
                .singleElement()
                .satisfies(timer -> {
                    assertThat(timer.kind()).isEqualTo(Kind.INPUT);
                    assertThat(timer.held()).isTrue();
                    assertThat(timer.payload()).isNotNull();
                });

        status = JourneyStatus.ACTIVE;
        Timer kept = book.startedTimers().getFirst();
        Casebook later = book(ana());
        run(later, new Stimulus.Due(kept));
        assertThat(later.running(ANA).getFirst().instance().progress())
                .isGreaterThan(waiting.progress());
    }

    @Test
    void aPausedJourneyHoldsTimersAndStillHeedsItsGoal() {
        Instance waiting = entered();
        status = JourneyStatus.PAUSED;
        Casebook book = book(ana());
        Timer timer =
                new Timer(
                        waiting.id(), "steps[1].wait", ANA, "simple", Kind.TIMER, NOW, false, null);
        run(book, new Stimulus.Due(timer), does(ANA, "Cart Paid"));
        assertThat(book.heldTimers()).hasSize(1);
        assertThat(book.left()).containsExactly(waiting.id());
    }

    @Test
    void inAnArchivedJourneyWhateverComesEndsTheInstance() {
        entered();
        status = JourneyStatus.ARCHIVED;
        Casebook book = book(ana());
        run(book, does(ANA, "Something Else"));
        assertThat(said(book, DecisionEvent.Left.class))
                .singleElement()
                .extracting(DecisionEvent.Left::reason)
                .isEqualTo("archived");
    }

    @Test
    void aMessageCountsAsSentOnceAndAsAnsweredOnce() {
        Instance waiting = entered();
        MessageEvent.Sent sent = sent(waiting);
        MessageEvent.Clicked click =
                new MessageEvent.Clicked(sent.message(), ANA, Channel.EMAIL, null, "u", NOW);
        Casebook book = book(ana());
        Turn turn =
                new Turn(
                        inForce(),
                        book,
                        new Answers(Set.of(sent.message()), Set.of(sent.message())),
                        List.of(
                                new Stimulus.Reported(UUID.randomUUID(), sent),
                                new Stimulus.Reported(UUID.randomUUID(), sent),
                                new Stimulus.Reported(UUID.randomUUID(), click),
                                new Stimulus.Replied(ANA, sent.message(), Channel.EMAIL)),
                        NOW,
                        new Random(1));
        assertThat(turn.advance()).isEmpty();
        assertThat(book.customer(ANA).engagement())
                .containsEntry(Channel.EMAIL, new Engagement(1, 1));
    }

    @Test
    void consentsAreKeptForConditions() {
        Casebook book = book(ana());
        run(
                book,
                new Stimulus.ConsentSaid(
                        new ConsentChanged(
                                ANA,
                                Channel.SMS,
                                null,
                                ConsentState.OPTED_OUT,
                                null,
                                "test",
                                NOW,
                                NOW)));
        assertThat(book.customer(ANA).view().consents())
                .containsEntry("sms", ConsentState.OPTED_OUT);
    }

    private Instance entered() {
        Casebook book = book(ana());
        run(book, does(ANA, "Cart Left"));
        Instance instance = book.running(ANA).getFirst().instance();
        running.add(instance);
        return instance;
    }

    private MessageEvent.Sent sent(Instance instance) {
        var waiting = (io.throughline.journey.engine.Waiting.ForReport) instance.waiting();
        return new MessageEvent.Sent(
                waiting.message(),
                ANA,
                Channel.EMAIL,
                new io.throughline.contracts.message.JourneyRef(
                        "simple", 1, instance.id(), instance.step()),
                "one",
                "test",
                null,
                1,
                List.of(),
                1,
                NOW);
    }

    private Casebook book(KnownCustomer... customers) {
        return new Casebook(
                new Loaded(Map.of(), List.of(customers), List.copyOf(running), List.of()));
    }

    private void run(Casebook book, Stimulus... stimuli) {
        assertThat(turn(book, stimuli).advance()).isEmpty();
    }

    private Turn turn(Casebook book, Stimulus... stimuli) {
        return new Turn(
                inForce(),
                book,
                new Answers(Set.of(), Set.of()),
                List.of(stimuli),
                NOW,
                new Random(1));
    }

    private InForce inForce() {
        Program program = Program.compile(Catalogue.document(document), 1);
        return new InForce(
                Map.of("simple", new Standing("simple", status, 1)),
                Map.of(new Version("simple", 1), program),
                ContactPolicy.initial());
    }

    private static <E extends ContractEvent> List<E> said(Casebook book, Class<E> type) {
        return book.events().stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static List<GateAnswer> allowed(Question question) {
        return question.requests().stream()
                .<GateAnswer>map(
                        request -> new GateAnswer.Allowed(request.customer(), NOW, List.of(), 1))
                .toList();
    }

    private static Stimulus does(CustomerId customer, String event) {
        return behaved(
                customer,
                AcceptedEvent.Kind.TRACK,
                event,
                Map.of(),
                NOW.plus(Duration.ofSeconds(1)));
    }

    private static Stimulus visits(Instant received) {
        return behaved(ANA, AcceptedEvent.Kind.PAGE, "Home", Map.of("path", "/"), received);
    }

    private static Stimulus behaved(
            CustomerId customer,
            AcceptedEvent.Kind kind,
            String name,
            Map<String, Object> properties,
            Instant received) {
        return new Stimulus.Behaved(
                UUID.randomUUID(),
                new BehaviourRecorded(
                        customer,
                        UUID.randomUUID().toString(),
                        "site",
                        kind,
                        name,
                        properties,
                        Map.of(),
                        List.of(),
                        NOW,
                        received));
    }

    private static Instant at(int second) {
        return NOW.plusSeconds(second);
    }

    private static Stimulus consents(CustomerId customer, ConsentState state, int second) {
        return new Stimulus.ConsentSaid(
                new ConsentChanged(
                        customer, Channel.SMS, null, state, null, "test", at(second), at(second)));
    }

    private static Stimulus unlinks(
            CustomerId from,
            CustomerId to,
            List<IdentifiersUnlinked.Consent> consents,
            List<IdentifiersUnlinked.Consent> toConsents,
            int second) {
        return new Stimulus.Unlinked(
                new IdentifiersUnlinked(
                        from, to, List.of(), List.of(), consents, toConsents, "m", at(second)));
    }

    private static IdentifiersUnlinked.Consent stood(
            Channel channel, ConsentState state, int second) {
        return new IdentifiersUnlinked.Consent(channel, null, state, at(second));
    }

    private static Stimulus scores(CustomerId customer, Map<String, Double> scores, int second) {
        return new Stimulus.Scored(
                new ScoresPredicted(customer, scores, "propensity", "7", at(second)));
    }

    private static Stimulus enters(CustomerId customer, String segment) {
        return new Stimulus.SegmentEntry(
                UUID.randomUUID(), new SegmentEntered(customer, segment, 1, false, NOW));
    }

    private static Stimulus leaves(CustomerId customer, String segment) {
        return new Stimulus.SegmentExit(
                UUID.randomUUID(), new SegmentLeft(customer, segment, 1, false, NOW));
    }

    private static KnownCustomer ana() {
        return reachable(ANA);
    }

    private static KnownCustomer guest() {
        return reachable(GUEST);
    }

    private static KnownCustomer reachable(CustomerId id) {
        return new KnownCustomer(
                id,
                1,
                Map.of(),
                Map.of(Channel.EMAIL, "a@example.com", Channel.SMS, "+34600111222"),
                null,
                null,
                null,
                List.of(),
                Map.of(),
                Set.of(),
                Scores.NONE,
                null);
    }

    private static CustomerId customer(int number) {
        return new CustomerId(new UUID(0x7000L, number));
    }
}
