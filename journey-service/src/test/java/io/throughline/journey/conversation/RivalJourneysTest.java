package io.throughline.journey.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Each;
import io.throughline.contracts.policy.ContactPolicy.ExclusionGroup;
import io.throughline.contracts.policy.ContactPolicy.OnConflict;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.CustomerHistory.Contacts;
import io.throughline.governance.CustomerHistory.Permissions;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.memory.InMemoryGate;
import io.throughline.journey.conversation.Casebook.Case;
import io.throughline.journey.conversation.Casebook.Loaded;
import io.throughline.journey.conversation.Turn.Answers;
import io.throughline.journey.conversation.Turn.Question;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.engine.Program;
import io.throughline.journey.engine.Waiting;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.profile.Scores;
import io.throughline.journey.store.Catalogue;
import io.throughline.journey.store.Catalogue.Standing;
import io.throughline.journey.store.Catalogue.Version;
import io.throughline.journey.store.EntryStore.Entry;
import io.throughline.journey.store.JourneyStatus;
import io.throughline.journey.store.TimerStore.Kind;
import io.throughline.journey.store.TimerStore.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Journeys that want the same customer. */
class RivalJourneysTest {

    private static final Instant START = Instant.parse("2026-03-02T10:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(0x7000L, 1));
    private static final CustomerId BEN = new CustomerId(new UUID(0x7000L, 2));
    private static final CustomerId CAT = new CustomerId(new UUID(0x7000L, 3));
    private static final String CAP = "cap:global:P1D";
    private static final int SEEDS = 300;

    private final Map<String, String> documents = new LinkedHashMap<>();
    private final Map<CustomerId, CustomerId> became = new HashMap<>();
    private final Map<String, Entry> entries = new HashMap<>();
    private List<CustomerId> customers = new ArrayList<>(List.of(ANA, BEN, CAT));
    private List<Instance> running = new ArrayList<>();
    private List<ExclusionGroup> groups = List.of();
    private Instant now = START;
    private final Random ids = new Random(1);
    private final InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));
    private Cap cap = new Cap(Scope.GLOBAL, null, 1, Duration.ofDays(1));

    @Test
    void aMessageThatIsStillQueuedIsTakenBackForAMoreImportantOne() {
        journey("low", 10, "  - send: { channel: email, template: l }");
        journey("high", 90, "  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        MessageId queued = pendingOf("low").message();

        List<ContractEvent> said = turn(does(ANA, "high"));
        assertThat(said)
                .filteredOn(e -> e instanceof WithdrawalRequested || e instanceof MessageRequested)
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly("WithdrawalRequested", "MessageRequested");
        assertThat(of(said, WithdrawalRequested.class).getFirst().message()).isEqualTo(queued);

        DecisionEvent.Displaced displaced =
                of(turn(withdrawn("low")), DecisionEvent.Displaced.class).getFirst();
        assertThat(displaced.fate()).isEqualTo(DecisionEvent.Fate.DEFERRED);
        assertThat(displaced.by().journey()).isEqualTo("high");
        assertThat(displaced.rule()).isEqualTo(CAP);
        assertThat(displaced.until()).isAfter(now);
        assertThat(instance("low").waiting()).isInstanceOf(Waiting.ForRetry.class);
    }

    @Test
    void whatTurnsOutToHaveBeenHandedOverAlreadyStaysSo() {
        journey("low", 10, "  - send: { channel: email, template: l }");
        journey("high", 90, "  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        Stimulus sent = sent("low");
        turn(does(ANA, "high"));
        assertThat(of(turn(sent), DecisionEvent.Left.class).getFirst().reason())
                .isEqualTo("completed");
    }

    @Test
    void whereThereIsRoomForBothNothingIsTakenBack() {
        cap = new Cap(Scope.GLOBAL, null, 2, Duration.ofDays(1));
        journey("low", 10, "  - send: { channel: email, template: l }");
        journey("high", 90, "  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        assertThat(of(turn(does(ANA, "high")), WithdrawalRequested.class)).isEmpty();
    }

    @Test
    void aCapForEachTopicIsOneOfItsOwnForEachTopic() {
        cap = Cap.forEach(Each.TOPIC, 1, Duration.ofDays(1));
        about("news", "low", 10, "  - wait: PT5M\n  - send: { channel: email, template: l }");
        about("offers", "high", 90, "  - wait: PT1H\n  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        turn(does(ANA, "high"));
        now = now.plus(Duration.ofMinutes(5));
        assertThat(of(turn(due("low")), MessageRequested.class)).hasSize(1);
    }

    @Test
    void aQueuedMessageOfAnotherTopicIsNotTakenBack() {
        cap = Cap.forEach(Each.TOPIC, 1, Duration.ofDays(1));
        about("news", "low", 10, "  - send: { channel: email, template: l }");
        about("offers", "high", 90, "  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        assertThat(of(turn(does(ANA, "high")), WithdrawalRequested.class)).isEmpty();
    }

    @Test
    void theLessImportantOneYieldsWhicheverCameFirst() {
        journey("low", 10, "  - wait: PT5M\n  - send: { channel: email, template: l }");
        journey("high", 90, "  - wait: PT1H\n  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        turn(does(ANA, "high"));
        now = now.plus(Duration.ofMinutes(5));
        List<ContractEvent> said = turn(due("low"));
        assertThat(of(said, MessageRequested.class)).isEmpty();
        assertThat(of(said, DecisionEvent.Displaced.class))
                .singleElement()
                .satisfies(d -> {
                    assertThat(d.by().journey()).isEqualTo("high");
                    assertThat(d.count()).isZero();
                    assertThat(d.limit()).isEqualTo(1);
                    assertThat(d.planned()).isEqualTo(1);
                    assertThat(d.until()).isEqualTo(START.plus(Duration.ofMinutes(61)));
                });
    }

    @Test
    void aMessageWhoseDocumentSaysDropIsDroppedAndTheJourneyGoesItsOtherWay() {
        journey(
                "low",
                10,
                """
                  - wait: PT5M
                  - send: { channel: email, template: l, on-displaced: drop, unless-denied: { then: [ { exit: gave-way } ] } }
                """);
        journey("high", 90, "  - wait: PT1H\n  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        turn(does(ANA, "high"));
        now = now.plus(Duration.ofMinutes(5));
        List<ContractEvent> said = turn(due("low"));
        assertThat(of(said, DecisionEvent.Displaced.class).getFirst().fate())
                .isEqualTo(DecisionEvent.Fate.DROPPED);
        assertThat(of(said, DecisionEvent.Left.class).getFirst().detail()).isEqualTo("gave-way");
    }

    @Test
    void whoIsNotSureToSendHoldsNoPlace() {
        journey("low", 10, "  - wait: PT5M\n  - send: { channel: email, template: l }");
        journey(
                "high",
                90,
                "  - wait-for: { on: Never, timeout: PT10M }\n  - send: { channel: email, template: h }");
        turn(does(ANA, "low"));
        turn(does(ANA, "high"));
        now = now.plus(Duration.ofMinutes(5));
        assertThat(of(turn(due("low")), MessageRequested.class)).hasSize(1);
    }

    @Test
    void whoIsInOneJourneyOfAGroupIsRefusedByTheOthers() {
        journey("low", 10, "  - wait: P1D");
        journey("high", 90, "  - wait: P1D");
        groups = List.of(group("g", OnConflict.KEEP, "low", "high"));
        turn(does(ANA, "low"));
        List<ContractEvent> said = turn(does(ANA, "high"));
        assertThat(of(said, DecisionEvent.Entered.class)).isEmpty();
        assertThat(of(said, DecisionEvent.Excluded.class))
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.origin().journey()).isEqualTo("high");
                    assertThat(e.by().journey()).isEqualTo("low");
                    assertThat(e.group()).isEqualTo("g");
                });
    }

    @Test
    void whereTheGroupSaysSoTheMoreImportantJourneyTakesOver() {
        journey("low", 10, "  - send: { channel: email, template: l }");
        journey("high", 90, "  - wait: P1D");
        groups = List.of(group("g", OnConflict.HIGHER_PRIORITY, "low", "high"));
        turn(does(ANA, "low"));
        MessageId queued = pendingOf("low").message();
        List<ContractEvent> said = turn(does(ANA, "high"));
        assertThat(of(said, DecisionEvent.Left.class))
                .singleElement()
                .extracting(DecisionEvent.Left::reason, DecisionEvent.Left::detail)
                .containsExactly("displaced", "high");
        assertThat(of(said, WithdrawalRequested.class))
                .extracting(WithdrawalRequested::message)
                .containsExactly(queued);
        assertThat(of(turn(does(ANA, "low")), DecisionEvent.Excluded.class)).hasSize(1);
    }

    @Test
    void ofTwoCustomersWhoBecomeOneTheMoreImportantJourneyStays() {
        journey("low", 10, "  - wait: P1D");
        journey("high", 90, "  - wait: P1D");
        groups = List.of(group("g", OnConflict.KEEP, "low", "high"));
        turn(does(ANA, "low"));
        turn(does(BEN, "high"));
        assertThat(of(turn(merged(ANA, BEN)), DecisionEvent.Left.class))
                .singleElement()
                .satisfies(left -> {
                    assertThat(left.origin().journey()).isEqualTo("low");
                    assertThat(left.reason()).isEqualTo("displaced");
                    assertThat(left.detail()).isEqualTo("high");
                });
    }

    /**
     * Random entries, merges and policies: no customer is ever in two journeys of a group that both
     * began after the group came into force.
     */
    @Test
    void atNoTimeIsACustomerInTwoJourneysOfAGroup() {
        assertThat(LongStream.range(0, SEEDS).boxed())
                .allSatisfy(seed -> new RivalJourneysTest().plays(seed));
    }

    private void plays(long seed) {
        Random random = new Random(seed);
        List<String> keys = List.of("a", "b", "c", "d");
        for (String key : keys) {
            journey(
                    key,
                    random.nextInt(3) * 40,
                    random.nextBoolean()
                            ? "  - wait: P1D"
                            : "  - send: { channel: email, template: t }");
        }
        Instant inForceSince = now;
        groups = randomGroups(random);
        for (int i = 0; i < 40; i++) {
            now = now.plusSeconds(60);
            if (random.nextInt(12) == 0) {
                groups = randomGroups(random);
                inForceSince = now;
            }
            List<Stimulus> stimuli = new ArrayList<>();
            for (int n = random.nextInt(3); n >= 0; n--) {
                CustomerId customer = customers.get(random.nextInt(customers.size()));
                stimuli.add(
                        random.nextInt(15) == 0 && customers.size() > 1 && stimuli.isEmpty()
                                ? merged(customers.getFirst(), customers.getLast())
                                : does(customer, keys.get(random.nextInt(keys.size()))));
            }
            turn(stimuli.toArray(Stimulus[]::new));
            assertThat(together(inForceSince)).as("seed %d, step %d", seed, i).isEmpty();
        }
    }

    private List<ExclusionGroup> randomGroups(Random random) {
        OnConflict[] rules = OnConflict.values();
        return List.of(
                group("one", rules[random.nextInt(2)], "a", "b", "c"),
                group("two", rules[random.nextInt(2)], "c", "d"));
    }

    private List<String> together(Instant since) {
        List<String> found = new ArrayList<>();
        for (ExclusionGroup group : groups) {
            for (Instance one : running) {
                for (Instance other : running) {
                    if (one.customer().equals(other.customer())
                            && one.journey().compareTo(other.journey()) < 0
                            && group.journeys().contains(one.journey())
                            && group.journeys().contains(other.journey())
                            && !one.enteredAt().isBefore(since)
                            && !other.enteredAt().isBefore(since)) {
                        found.add(one.journey() + " and " + other.journey());
                    }
                }
            }
        }
        return found;
    }

    private void journey(String key, int priority, String steps) {
        documents.put(
                key,
                "journey: %s\ncategory: marketing\npriority: %d\nentry: { on: %s, again-after: PT0S }\nsteps:\n%s\n"
                        .formatted(key, priority, key, steps));
    }

    private void about(String topic, String key, int priority, String steps) {
        journey(key, priority, steps);
        documents.computeIfPresent(key, (k, document) -> "topic: " + topic + "\n" + document);
    }

    private static ExclusionGroup group(String name, OnConflict onConflict, String... journeys) {
        return new ExclusionGroup(name, List.of(journeys), onConflict);
    }

    private List<ContractEvent> turn(Stimulus... stimuli) {
        Casebook book =
                new Casebook(
                        new Loaded(
                                Map.copyOf(became),
                                customers.stream().map(RivalJourneysTest::reachable).toList(),
                                List.copyOf(running),
                                List.copyOf(entries.values())));
        Turn turn =
                new Turn(
                        inForce(),
                        book,
                        new Answers(Set.of(), Set.of()),
                        List.of(stimuli),
                        now,
                        ids);
        for (List<Question> open = turn.advance(); !open.isEmpty(); open = turn.advance()) {
            turn.answer(open.stream().map(this::answers).toList());
        }
        book.merges()
                .forEach(merge -> {
                    became.replaceAll((a, is) -> is.equals(merge.merged()) ? merge.survivor() : is);
                    became.put(merge.merged(), merge.survivor());
                    customers.remove(merge.merged());
                    entries.values().removeIf(entry -> entry.customer().equals(merge.merged()));
                });
        book.changedEntries()
                .forEach(entry -> entries.put(entry.customer() + entry.journey(), entry));
        running = new ArrayList<>();
        customers.forEach(customer ->
                book.running(customer).stream().map(Case::instance).forEach(running::add));
        return List.copyOf(book.events());
    }

    private List<GateAnswer> answers(Question question) {
        return question.requests().stream()
                .map(request -> {
                    CustomerId id = request.customer();
                    gate.hydrate(new Permissions(id, List.of(), List.of(), null, List.of()));
                    gate.hydrate(new Contacts(id, List.of()));
                    return gate.peek(request, policy(), now);
                })
                .toList();
    }

    private InForce inForce() {
        Map<String, Standing> standings = new HashMap<>();
        Map<Version, Program> programs = new HashMap<>();
        documents.forEach((key, document) -> {
            standings.put(key, new Standing(key, JourneyStatus.ACTIVE, 1));
            programs.put(new Version(key, 1), Program.compile(Catalogue.document(document), 1));
        });
        return new InForce(standings, programs, policy());
    }

    private ContactPolicy policy() {
        return new ContactPolicy(
                        7,
                        List.of(cap),
                        null,
                        null,
                        "UTC",
                        Map.of(Channel.EMAIL, ConsentRule.OPT_OUT),
                        Set.of(),
                        List.of())
                .withArbitration(null, groups);
    }

    private Instance instance(String journey) {
        return running.stream()
                .filter(instance -> instance.journey().equals(journey))
                .findFirst()
                .orElseThrow();
    }

    private Waiting.ForReport pendingOf(String journey) {
        return (Waiting.ForReport) instance(journey).waiting();
    }

    private Stimulus due(String journey) {
        Instance instance = instance(journey);
        return new Stimulus.Due(
                new Timer(
                        instance.id(),
                        instance.waiting().timer(),
                        ANA,
                        journey,
                        Kind.TIMER,
                        now,
                        false,
                        null));
    }

    private Stimulus withdrawn(String journey) {
        return new Stimulus.Reported(
                UUID.randomUUID(),
                new MessageEvent.Suppressed(
                        pendingOf(journey).message(),
                        ANA,
                        Channel.EMAIL,
                        origin(journey),
                        SuppressionReason.WITHDRAWN,
                        List.of(),
                        0,
                        null,
                        now));
    }

    private Stimulus sent(String journey) {
        return new Stimulus.Reported(
                UUID.randomUUID(),
                new MessageEvent.Sent(
                        pendingOf(journey).message(),
                        ANA,
                        Channel.EMAIL,
                        origin(journey),
                        "l",
                        "test",
                        null,
                        1,
                        List.of(),
                        7,
                        now));
    }

    private JourneyRef origin(String journey) {
        Instance instance = instance(journey);
        return new JourneyRef(journey, 1, instance.id(), instance.step());
    }

    private static Stimulus merged(CustomerId survivor, CustomerId merged) {
        return new Stimulus.Merged(new CustomersMerged(survivor, merged, "m", START));
    }

    private Stimulus does(CustomerId customer, String event) {
        return new Stimulus.Behaved(
                UUID.randomUUID(),
                new BehaviourRecorded(
                        customer,
                        UUID.randomUUID().toString(),
                        "site",
                        AcceptedEvent.Kind.TRACK,
                        event,
                        Map.of(),
                        Map.of(),
                        List.of(),
                        now,
                        now));
    }

    private static <E extends ContractEvent> List<E> of(List<ContractEvent> said, Class<E> type) {
        return said.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static KnownCustomer reachable(CustomerId id) {
        return new KnownCustomer(
                id,
                1,
                Map.of(),
                Map.of(Channel.EMAIL, "a@example.com"),
                null,
                null,
                Whereabouts.UNKNOWN,
                List.of(),
                Map.of(),
                Set.of(),
                Scores.NONE,
                null);
    }
}
