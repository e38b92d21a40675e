package io.throughline.governance.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateAnswer.Allowed;
import io.throughline.governance.GateAnswer.Denied;
import io.throughline.governance.GateRequest;
import io.throughline.governance.Scenario;
import io.throughline.governance.Scenario.Step;
import io.throughline.governance.SilenceWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Over random histories; a failure names its seed. */
@DisplayName("In every history")
class GateLawsTest {

    private static final int SEEDS = 600;
    private static final int STEPS = 80;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofDays(20);

    @Test
    @DisplayName("a message is allowed exactly when the whole story allows it")
    void asTheWholeStorySays() {
        int allowed = 0;
        int denied = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            ContactPolicy policy = withoutQuietHours(scenario.policies().getFirst());
            InMemoryGate gate = new InMemoryGate(LEASE);
            NaiveGate story = new NaiveGate();
            for (Step step : scenario.welcome()) {
                tell(story, step, scenario.now());
                apply(gate, step, scenario.now());
            }
            for (int i = 0; i < STEPS; i++) {
                Step step = plain(scenario.next(), policy);
                if (step instanceof Step.Reserve(GateRequest request, ContactPolicy p)) {
                    boolean expected = story.allows(request, p, scenario.now());
                    assertThat(gate.reserve(request, p, scenario.now()) instanceof Allowed)
                            .as("seed %d, step %d, %s, %s", seed, i, step, p)
                            .isEqualTo(expected);
                    if (expected) {
                        story.reserved(request, scenario.now());
                        allowed++;
                    } else {
                        denied++;
                    }
                } else {
                    tell(story, step, scenario.now());
                    apply(gate, step, scenario.now());
                }
            }
        }
        assertThat(allowed).isGreaterThan(1000);
        assertThat(denied).isGreaterThan(1000);
    }

    @Test
    @DisplayName("doing everything twice changes no answer")
    void idempotence() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate once = new InMemoryGate(LEASE);
            InMemoryGate twice = new InMemoryGate(LEASE);
            List<Step> steps = new ArrayList<>(scenario.welcome());
            for (int i = 0; i < STEPS + steps.size(); i++) {
                Step step = i < steps.size() ? steps.get(i) : scenario.next();
                Object first = apply(once, step, scenario.now());
                assertThat(apply(twice, step, scenario.now()))
                        .as("seed %d, step %d, %s", seed, i, step)
                        .isEqualTo(first);
                // A refusal for the address is taken back by a refund; reserving once more marks a
                // millisecond later, which only a settle that must not come would show.
                if (first instanceof Denied denied
                        && denied.reason() == SuppressionReason.ADDRESS_OPTED_OUT) {
                    continue;
                }
                Object again = apply(twice, step, scenario.now());
                if (step instanceof Step.Reserve) {
                    assertThat(again)
                            .as("seed %d, step %d again, %s", seed, i, step)
                            .isEqualTo(first);
                }
            }
        }
    }

    @Test
    @DisplayName("a merge never loosens: what was denied to either is denied to both")
    void mergeNeverLoosens() {
        Set<SuppressionReason> mayChange =
                Set.of(SuppressionReason.NO_CONSENT, SuppressionReason.QUIET_HOURS);
        int held = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = neverTired(scenario);
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, unlifted(plain(scenario.next(), policy)), scenario.now());
            }
            CustomerId survivor = scenario.customers().get(0);
            CustomerId merged = scenario.customers().get(1);
            List<GateRequest> asked = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                GateRequest request = fresh(scenario.request(), i);
                for (CustomerId customer : List.of(survivor, merged)) {
                    GateRequest mine = of(customer, request);
                    if (gate.peek(mine, policy, scenario.now()) instanceof Denied denied
                            && !mayChange.contains(denied.reason())) {
                        asked.add(request);
                    }
                }
            }
            gate.merge(survivor, merged);
            for (GateRequest request : asked) {
                for (CustomerId customer : List.of(survivor, merged)) {
                    assertThat(gate.peek(of(customer, request), policy, scenario.now()))
                            .as("seed %d, %s", seed, request)
                            .isInstanceOf(Denied.class);
                    held++;
                }
            }
        }
        assertThat(held).isGreaterThan(1000);
    }

    @Test
    @DisplayName("a split never loosens: what was denied to the one is denied to both")
    void splitNeverLoosens() {
        Set<SuppressionReason> mayChange =
                Set.of(SuppressionReason.NO_CONSENT, SuppressionReason.QUIET_HOURS);
        int held = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = neverTired(scenario);
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, plain(scenario.next(), policy), scenario.now());
            }
            CustomerId from = scenario.customers().getFirst();
            CustomerId to = new CustomerId(new UUID(7, seed));
            List<GateRequest> denied = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                GateRequest request = fresh(scenario.request(), i);
                if (gate.peek(of(from, request), policy, scenario.now()) instanceof Denied d
                        && !mayChange.contains(d.reason())) {
                    denied.add(request);
                }
            }
            gate.split(from, to);
            assertThat(gate.known(to)).isFalse();
            gate.hydrate(
                    new CustomerHistory.Permissions(to, List.of(), List.of(), null, List.of()));
            gate.hydrate(new CustomerHistory.Contacts(to, List.of()));
            for (GateRequest request : denied) {
                for (CustomerId customer : List.of(from, to)) {
                    assertThat(gate.peek(of(customer, request), policy, scenario.now()))
                            .as("seed %d, %s", seed, request)
                            .isInstanceOf(Denied.class);
                    held++;
                }
            }
        }
        assertThat(held).isGreaterThan(1000);
    }

    @Test
    @DisplayName("a new epoch knows nobody, and never loosens: what was denied stays denied")
    void newEpochNeverLoosens() {
        Set<SuppressionReason> mayChange =
                Set.of(
                        SuppressionReason.UNKNOWN_CUSTOMER,
                        SuppressionReason.NO_CONSENT,
                        SuppressionReason.QUIET_HOURS);
        int held = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = withoutQuietHours(scenario.policies().getFirst());
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, plain(scenario.next(), policy), scenario.now());
            }
            List<GateRequest> denied = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                GateRequest request = fresh(scenario.request(), i);
                if (gate.peek(request, policy, scenario.now()) instanceof Denied d
                        && !mayChange.contains(d.reason())) {
                    denied.add(request);
                }
            }
            gate.beginEpoch();
            for (GateRequest request : denied) {
                assertThat(gate.peek(request, policy, scenario.now()))
                        .as("seed %d, %s", seed, request)
                        .extracting(a -> ((Denied) a).reason())
                        .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
            }
            for (CustomerId customer : scenario.customers()) {
                gate.hydrate(
                        new CustomerHistory.Permissions(
                                customer, List.of(), List.of(), null, List.of()));
                gate.hydrate(new CustomerHistory.Contacts(customer, List.of()));
            }
            for (GateRequest request : denied) {
                assertThat(gate.peek(request, policy, scenario.now()))
                        .as("seed %d, %s", seed, request)
                        .isInstanceOf(Denied.class);
                held++;
            }
        }
        assertThat(held).isGreaterThan(1000);
    }

    @Test
    @DisplayName(
            "whoever engages now and left nothing has the plain caps again, to the last number")
    void looseningIsExact() {
        int tightened = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = withoutNearlyLeft(scenario.policies().getFirst());
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, plain(scenario.next(), policy), scenario.now());
            }
            List<GateRequest> asked = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                asked.add(fresh(scenario.request(), i));
                GateAnswer before = gate.peek(asked.getLast(), policy, scenario.now());
                tightened += isTightened(before) ? 1 : 0;
            }
            // Later than any contact, those that were put back being a millisecond late.
            Instant now = scenario.now().plusSeconds(1);
            for (GateRequest request : asked) {
                gate.engaged(new Engagement(request.customer(), now));
                assertThat(gate.peek(request, policy, scenario.now()))
                        .as("seed %d, %s", seed, request)
                        .isEqualTo(gate.peek(request, policy.withFatigue(null), scenario.now()));
            }
        }
        assertThat(tightened).isGreaterThan(100);
    }

    @Test
    @DisplayName(
            "it does not matter in which order, or how often, it is told when customers engaged")
    void engagementInAnyOrder() {
        int tightened = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate inOrder = new InMemoryGate(LEASE);
            InMemoryGate backwards = new InMemoryGate(LEASE);
            ContactPolicy policy = withoutQuietHours(scenario.policies().getFirst());
            List<Step> steps = new ArrayList<>(scenario.welcome());
            List<Engagement> engagements = new ArrayList<>();
            for (int i = 0; i < STEPS + 12; i++) {
                Step step = i < steps.size() ? steps.get(i) : plain(scenario.next(), policy);
                if (step instanceof Step.Engages(Engagement engagement)) {
                    engagements.addFirst(engagement);
                    inOrder.engaged(engagement);
                } else if (!(step instanceof Step.Reserve)) {
                    apply(inOrder, step, scenario.now());
                    apply(backwards, step, scenario.now());
                } else if (apply(inOrder, step, scenario.now()) instanceof Allowed) {
                    engagements.forEach(backwards::engaged);
                    assertThat(apply(backwards, step, scenario.now()))
                            .as("seed %d, step %d", seed, i)
                            .isInstanceOf(Allowed.class);
                }
            }
            engagements.forEach(backwards::engaged);
            for (int i = 0; i < 20; i++) {
                GateRequest request = fresh(scenario.request(), i);
                GateAnswer answer = inOrder.peek(request, policy, scenario.now());
                tightened += isTightened(answer) ? 1 : 0;
                assertThat(backwards.peek(request, policy, scenario.now()))
                        .as("seed %d, %s", seed, request)
                        .isEqualTo(answer);
            }
        }
        assertThat(tightened).isGreaterThan(100);
    }

    @Test
    @DisplayName("a cap refuses until exactly the time that it names, tightened or not")
    void retriesAreExact() {
        int tightened = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = withoutQuietHours(scenario.policies().getFirst());
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, plain(scenario.next(), policy), scenario.now());
                GateRequest request = fresh(scenario.request(), i);
                GateAnswer answer = gate.peek(request, policy, scenario.now());
                for (int place = 0; place < answer.verdicts().size(); place++) {
                    Verdict refusing = answer.verdicts().get(place);
                    Instant at = refusing.retryAt();
                    if (refusing.passed() || refusing.limit() == null || at == null) {
                        continue;
                    }
                    assertThat(passes(gate, request, policy, at, place))
                            .as("seed %d, step %d, %s", seed, i, answer)
                            .isTrue();
                    assertThat(passes(gate, request, policy, at.minusMillis(1), place))
                            .as("seed %d, step %d, %s, a millisecond before", seed, i, answer)
                            .isFalse();
                    tightened += refusing.tightened() == null ? 0 : 1;
                }
            }
        }
        assertThat(tightened).isGreaterThan(200);
    }

    /** What is looked at, and in which order, does not depend on time. */
    private static boolean passes(
            InMemoryGate gate, GateRequest request, ContactPolicy policy, Instant at, int place) {
        return gate.peek(request, policy, at).verdicts().get(place).passed();
    }

    private static boolean isTightened(GateAnswer answer) {
        return answer.verdicts().stream().anyMatch(verdict -> verdict.tightened() != null);
    }

    private static ContactPolicy withoutNearlyLeft(ContactPolicy policy) {
        Fatigue fatigue = policy.fatigue();
        return withoutQuietHours(policy)
                .withFatigue(
                        fatigue == null
                                ? null
                                : new Fatigue(
                                        fatigue.within(), fatigue.steps(), null, fatigue.least()));
    }

    @Test
    @DisplayName("a refund restores exactly what was")
    void refundRestores() {
        int refunds = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = scenario.policies().getFirst();
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                Step step = scenario.next();
                if (step instanceof Step.Reserve(GateRequest request, ContactPolicy p)) {
                    GateRequest extra = fresh(request, i);
                    GateRequest probe = fresh(scenario.request(), 1000 + i);
                    GateAnswer before = gate.peek(probe, policy, scenario.now());
                    if (gate.reserve(extra, policy, scenario.now()) instanceof Allowed) {
                        gate.refund(new ContactRef(extra.customer(), extra.message()));
                        refunds++;
                    }
                    assertThat(gate.peek(probe, policy, scenario.now()))
                            .as("seed %d, step %d", seed, i)
                            .isEqualTo(before);
                    step = new Step.Reserve(request, policy);
                }
                apply(gate, step, scenario.now());
            }
        }
        assertThat(refunds).isGreaterThan(1000);
    }

    @Test
    @DisplayName("an erased customer is denied, whatever is written of her before and after")
    void erasedForGood() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, scenario.next(), scenario.now());
            }
            CustomerId erased = scenario.customers().getFirst();
            gate.erase(erased, scenario.now());
            for (int i = 0; i < STEPS; i++) {
                apply(gate, scenario.next(), scenario.now());
                assertThat(gate.known(erased)).as("seed %d", seed).isFalse();
                assertThat(
                                gate.reserve(
                                        of(erased, scenario.request()),
                                        scenario.policies().getFirst(),
                                        scenario.now()))
                        .as("seed %d, step %d", seed, i)
                        .isInstanceOf(Denied.class)
                        .extracting(a -> ((Denied) a).reason())
                        .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
            }
        }
    }

    private static Object apply(InMemoryGate gate, Step step, Instant now) {
        return switch (step) {
            case Step.Reserve(var request, var policy) -> gate.reserve(request, policy, now);
            case Step.Peek(var request, var policy) -> gate.peek(request, policy, now);
            case Step.Settle(var contact) -> {
                gate.settle(contact);
                yield "settled";
            }
            case Step.Refund(var contact) -> {
                gate.refund(contact);
                yield "refunded";
            }
            case Step.TakeBack(var contact) -> {
                gate.takeBack(contact);
                yield "taken back";
            }
            case Step.PutBack(var contact) -> {
                gate.putBack(contact);
                yield "put back";
            }
            case Step.Consent(var consent) -> gate.consent(consent, now);
            case Step.Silence(var silence) -> gate.silence(silence, now);
            case Step.Moves(var customer, var where) -> {
                gate.whereabouts(customer, where);
                yield where;
            }
            case Step.Engages(var engagement) -> {
                gate.engaged(engagement);
                yield engagement;
            }
            case Step.Merge(var survivor, var merged) -> {
                gate.merge(survivor, merged);
                yield gate.known(survivor);
            }
            case Step.Split(var from, var to) -> {
                gate.split(from, to);
                yield gate.known(to);
            }
            case Step.Restate(var permissions) -> {
                gate.restate(permissions);
                yield gate.known(permissions.customer());
            }
            case Step.Hydrate(var history) -> {
                gate.hydrate(history);
                yield gate.known(history.customer());
            }
            case Step.Erase(var customer) -> gate.erase(customer, now);
            case Step.NewEpoch epoch -> {
                gate.beginEpoch();
                yield epoch;
            }
        };
    }

    private static void tell(NaiveGate story, Step step, Instant now) {
        switch (step) {
            case Step.Settle(var contact) -> story.settle(contact);
            case Step.Refund(var contact) -> story.refund(contact);
            case Step.TakeBack(var contact) -> story.takeBack(contact);
            case Step.PutBack(var contact) -> story.putBack(contact);
            case Step.Consent(var consent) -> tell(story, consent);
            case Step.Silence(var silence) -> story.silence(silence, now);
            case Step.Engages(var engagement) -> story.engaged(engagement);
            case Step.Merge(var survivor, var merged) -> story.merge(survivor, merged);
            case Step.Hydrate(CustomerHistory.Permissions permissions) ->
                    permissions.consents().forEach(c -> tell(story, c));
            case Step.Hydrate h -> {}
            case Step.Split s -> throw new IllegalArgumentException("left out of the whole story");
            case Step.Restate r ->
                    throw new IllegalArgumentException("left out of the whole story");
            case Step.Erase e -> throw new IllegalArgumentException("left out of the whole story");
            case Step.NewEpoch e ->
                    throw new IllegalArgumentException("left out of the whole story");
            case Step.Moves m -> {}
            case Step.Peek p -> {}
            case Step.Reserve r -> throw new IllegalArgumentException("told when allowed");
        }
    }

    private static void tell(NaiveGate story, ConsentWrite consent) {
        CustomerId customer = consent.customer();
        if (customer != null) {
            story.consent(customer, consent);
        }
    }

    /**
     * Keeps to what the whole story is told in: one policy, no addresses, no ledgers, and a message
     * belongs to one customer, as every message does.
     */
    private static Step plain(Step step, ContactPolicy policy) {
        return switch (step) {
            case Step.Reserve(var r, var p) -> new Step.Reserve(of(r.customer(), own(r)), policy);
            case Step.Peek(var r, var p) -> new Step.Peek(r, policy);
            case Step.Settle(var c) -> new Step.Settle(own(c));
            case Step.Refund(var c) -> new Step.Refund(own(c));
            case Step.TakeBack(var c) -> new Step.TakeBack(own(c));
            case Step.PutBack(var c) -> new Step.PutBack(own(c));
            case Step.Consent(var c) when c.address() != null -> nothing();
            case Step.Hydrate h -> nothing();
            case Step.Split s -> nothing();
            case Step.Restate r -> nothing();
            case Step.Erase e -> nothing();
            case Step.NewEpoch e -> nothing();
            default -> step;
        };
    }

    /** What lifts a silence lifts it for whoever turns out to be the same customer. */
    private static Step unlifted(Step step) {
        return step instanceof Step.Silence(var s)
                ? new Step.Silence(
                        new SilenceWrite(
                                s.customer(),
                                s.journey(),
                                s.categories(),
                                s.cause(),
                                s.at(),
                                s.until(),
                                false))
                : step;
    }

    @Test
    @DisplayName("a silence never gets shorter but by what lifts the same cause")
    void silenceNeverShorter() {
        int held = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            ContactPolicy policy = withoutQuietHours(scenario.policies().getFirst());
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                GateRequest probe = fresh(scenario.request(), i);
                Instant before = silentUntil(gate, probe, policy, scenario.now());
                Step step = unlifted(plain(scenario.next(), policy));
                apply(gate, step, scenario.now());
                if (before.isAfter(scenario.now())
                        && !(gate.peek(probe, policy, scenario.now()) instanceof Denied denied
                                && denied.reason() == SuppressionReason.OPTED_OUT)) {
                    assertThat(silentUntil(gate, probe, policy, scenario.now()))
                            .as("seed %d, step %d, %s", seed, i, step)
                            .isAfterOrEqualTo(before);
                    held++;
                }
            }
        }
        assertThat(held).isGreaterThan(500);
    }

    private static Instant silentUntil(
            InMemoryGate gate, GateRequest request, ContactPolicy policy, Instant now) {
        return gate.peek(request, policy, now).verdicts().stream()
                .filter(verdict -> verdict.rule().equals("silence"))
                .map(Verdict::retryAt)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(Instant.MIN);
    }

    @Test
    @DisplayName("a refusal says what every rule says, and the very instant at which it ends")
    void everyRuleAndWhen() {
        int later = 0;
        int never = 0;
        int several = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = new Scenario(seed);
            InMemoryGate gate = new InMemoryGate(LEASE);
            scenario.welcome().forEach(s -> apply(gate, s, scenario.now()));
            for (int i = 0; i < STEPS; i++) {
                apply(gate, scenario.next(), scenario.now());
                GateRequest request = fresh(scenario.request(), i);
                ContactPolicy policy = scenario.policies().get(i % 2);
                if (!(gate.peek(request, policy, scenario.now()) instanceof Denied denied)
                        || denied.reason() == SuppressionReason.UNKNOWN_CUSTOMER) {
                    continue;
                }
                Instant retryAt = denied.retryAt();
                Instant then = retryAt == null ? scenario.now().plus(LONG) : retryAt;
                GateAnswer answer = gate.peek(request, policy, then);
                assertThat(answer)
                        .as("seed %d, step %d, %s, %s", seed, i, request, denied)
                        .isInstanceOf(retryAt == null ? Denied.class : Allowed.class);
                assertThat(rules(denied)).isEqualTo(rules(answer));
                if (retryAt == null) {
                    never++;
                } else {
                    assertThat(gate.peek(request, policy, retryAt.minusMillis(1)))
                            .as("seed %d, step %d, %s, %s", seed, i, request, denied)
                            .isInstanceOf(Denied.class);
                    later++;
                }
                several += denied.verdicts().stream().filter(v -> !v.passed()).count() > 1 ? 1 : 0;
            }
        }
        assertThat(later).isGreaterThan(1000);
        assertThat(never).isGreaterThan(1000);
        assertThat(several).isGreaterThan(1000);
    }

    /** Quiet hours are called by the rule that ends last. */
    private static List<String> rules(GateAnswer answer) {
        return answer.verdicts().stream()
                .map(Verdict::rule)
                .map(rule -> rule.startsWith("quiet-hours") ? "quiet-hours" : rule)
                .toList();
    }

    private static Step nothing() {
        CustomerId nobody = new CustomerId(new UUID(0, 0));
        return new Step.Settle(new ContactRef(nobody, new MessageId(new UUID(0, 0))));
    }

    private static MessageId own(CustomerId customer, MessageId message) {
        return new MessageId(
                new UUID(
                        customer.value().getLeastSignificantBits(),
                        message.value().getLeastSignificantBits()));
    }

    private static ContactRef own(ContactRef contact) {
        return new ContactRef(contact.customer(), own(contact.customer(), contact.message()));
    }

    private static GateRequest own(GateRequest request) {
        return withMessage(request, own(request.customer(), request.message()));
    }

    private static GateRequest fresh(GateRequest request, int number) {
        return withMessage(request, new MessageId(new UUID(99, number)));
    }

    private static GateRequest withMessage(GateRequest request, MessageId message) {
        return new GateRequest(
                request.customer(),
                message,
                request.channel(),
                request.category(),
                request.topic(),
                request.journey(),
                request.address());
    }

    private static GateRequest of(CustomerId customer, GateRequest request) {
        return new GateRequest(
                customer,
                request.message(),
                request.channel(),
                request.category(),
                request.topic(),
                request.journey(),
                request.address());
    }

    /** That somebody engaged loosens, also where it is learnt by a merge. */
    private static ContactPolicy neverTired(Scenario scenario) {
        return withoutQuietHours(scenario.policies().getFirst()).withFatigue(null);
    }

    private static ContactPolicy withoutQuietHours(ContactPolicy policy) {
        return policy.quietBy(List.of(), List.of());
    }
}
