package io.throughline.journey.weather;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.Journeys;
import io.throughline.journey.choice.Engagement;
import io.throughline.journey.dryrun.CustomerStory;
import io.throughline.journey.dryrun.DryRun;
import io.throughline.journey.dryrun.DryRunReport;
import io.throughline.journey.engine.CustomerView;
import io.throughline.journey.engine.Program;
import io.throughline.journey.weather.World.Fact;
import io.throughline.journey.weather.World.Weather;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine in surroundings that crash before commit, repeat, delay and reorder, from a seed. A
 * seed that ever failed is added to {@link #REMEMBERED}.
 */
class WeatherTest {

    private static final long[] REMEMBERED = {};
    private static final int SEEDS = 300;
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private static final List<Program> PROGRAMS =
            List.of(
                    program(
                            """
                            journey: cart
                            category: marketing
                            priority: 80
                            entry: { on: Start, when: event.properties.value > 20, again-after: PT10M }
                            exit: [ { on: Stop }, { on: Order } ]
                            goal: { on: Order, within: P1D, silence: PT3H }
                            holdout: 20%
                            steps:
                              - wait: PT20M
                              - send: { channel: sms, template: a, unless-denied: { then: [ { send: { channel: email, template: a } } ] } }
                              - wait-for: { on: View, timeout: PT2H, then: [ { send: { channel: email, template: seen } } ], else: [ { wait: PT5M } ] }
                              - branch:
                                  - { when: event.properties.value > 80, then: [ { exit: big } ] }
                                  - { when: customer.scores.p > 0.5, then: [ { wait: PT1H } ] }
                                  - else: [ { send: { channel: push, template: none } } ]
                              - send: { channel: best, among: [sms, email, push], template: b, within: PT4H }
                              - wait: PT1H
                              - send: { channel: sms, template: c, within: PT8H }
                            """),
                    program(
                            """
                            journey: news
                            category: marketing
                            priority: 10
                            entry: { on: View, again-after: PT10M }
                            exit: [ { on: Stop } ]
                            steps:
                              - send: { channel: best, among: [email, sms], template: n }
                              - wait-for: { on: Start, timeout: P1D }
                              - send: { channel: email, template: m }
                            """));

    private static final ContactPolicy POLICY =
            new ContactPolicy(
                    1,
                    List.of(
                            new ContactPolicy.Cap(
                                    ContactPolicy.Scope.GLOBAL, null, 5, Duration.ofDays(1)),
                            new ContactPolicy.Cap(
                                    ContactPolicy.Scope.CHANNEL,
                                    Channel.SMS,
                                    2,
                                    Duration.ofHours(12))),
                    Duration.ofMinutes(10),
                    new ContactPolicy.QuietHours(
                            LocalTime.of(16, 0), LocalTime.of(17, 30), Set.of(Channel.SMS)),
                    "UTC",
                    Map.of(),
                    Set.of(),
                    List.of());

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(REMEMBERED), LongStream.range(0, SEEDS));
    }

    @Test
    void theLawsHoldWhateverTheSurroundingsDo() {
        assertThat(seeds().boxed())
                .allSatisfy(seed -> {
                    World world = world(seed, Weather.HOSTILE);
                    Set<String> running = world.play(events(seed));
                    assertThat(running).as("running at the end of seed %d", seed).isEmpty();
                    assertThat(Laws.brokenBy(world.facts, PROGRAMS)).as("seed %d", seed).isEmpty();
                });
    }

    @Test
    void theSameSeedPlaysTheSameStory() {
        assertThat(seeds().boxed())
                .allSatisfy(seed -> {
                    World one = world(seed, Weather.HOSTILE);
                    World two = world(seed, Weather.HOSTILE);
                    one.play(events(seed));
                    two.play(events(seed));
                    assertThat(one.facts).as("seed %d", seed).isEqualTo(two.facts);
                });
    }

    @Test
    void theSimulationComesToEverythingItIsMeantToTry() {
        List<Fact> facts = new ArrayList<>();
        seeds().forEach(seed -> {
            World world = world(seed, Weather.HOSTILE);
            world.play(events(seed));
            facts.addAll(world.facts);
        });

        assertThat(facts.stream().map(WeatherTest::kind))
                .contains(
                        "Asked",
                        "Entered",
                        "HeldOut",
                        "GhostSend",
                        "ChannelChosen",
                        "Deferred",
                        "Moved",
                        "Withheld",
                        "Displaced",
                        "Left goal",
                        "Left exit-event",
                        "Left exit-step",
                        "Left completed",
                        "Sent",
                        "Suppressed",
                        "Failed",
                        "Unknown");
    }

    @Test
    void aDryRunSendsWhatTheEngineSendsLive() {
        assertThat(seeds().boxed())
                .allSatisfy(seed -> {
                    World live = world(seed, Weather.CALM);
                    live.play(events(seed));
                    for (Program draft : PROGRAMS) {
                        DryRun dryRun = new DryRun(draft, PROGRAMS, POLICY, seed);
                        dryRun.play(
                                new CustomerStory(
                                        customer(seed),
                                        World.consents(customer(seed).id()),
                                        events(seed)));
                        assertThat(outcome(dryRun.report()))
                                .as("seed %d, %s", seed, draft.journey())
                                .isEqualTo(outcome(live.facts, draft.journey()));
                    }
                });
    }

    static List<List<Fact>> plantedFaults() {
        World world = world(1, Weather.CALM);
        world.play(events(1));
        List<Fact> good = world.facts;
        Fact.Asked asked =
                good.stream()
                        .filter(Fact.Asked.class::isInstance)
                        .map(Fact.Asked.class::cast)
                        .findFirst()
                        .orElseThrow();
        List<Fact> askedTwice = new ArrayList<>(good);
        askedTwice.add(good.indexOf(asked) + 1, asked);
        List<Fact> neverLeft =
                good.stream()
                        .filter(fact ->
                                !(fact instanceof Fact.Decided(DecisionEvent.Left left)
                                        && left.origin().instance().equals(instance(asked))))
                        .toList();
        List<Fact> afterLeaving = new ArrayList<>(good);
        afterLeaving.remove(asked);
        afterLeaving.add(asked);
        return List.of(askedTwice, neverLeft, afterLeaving);
    }

    @ParameterizedTest
    @MethodSource("plantedFaults")
    void theCheckerSeesAPlantedFault(List<Fact> facts) {
        assertThat(Laws.brokenBy(facts, PROGRAMS)).isNotEmpty();
    }

    private static UUID instance(Fact.Asked asked) {
        return Objects.requireNonNull(asked.message().origin()).instance();
    }

    private static World world(long seed, Weather weather) {
        return new World(customer(seed), PROGRAMS, POLICY, weather, seed);
    }

    private static Program program(String text) {
        return Program.compile(Journeys.document(text), 1);
    }

    private static CustomerView customer(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Channel, String> addresses = new EnumMap<>(Channel.class);
        if (random.nextInt(10) > 0) {
            addresses.put(Channel.SMS, "+346001112" + seed);
        }
        if (random.nextInt(10) > 1) {
            addresses.put(Channel.EMAIL, seed + "@example.com");
        }
        return new CustomerView(
                CustomerId.of("019509a0-0000-7000-8000-%012x".formatted(seed)),
                Map.of(),
                addresses,
                null,
                null,
                Map.of(Channel.EMAIL, new Engagement(10, random.nextInt(5))),
                Map.of("p", random.nextDouble()),
                Map.of("sms", ConsentState.OPTED_IN),
                Set.of());
    }

    private static List<BehaviourRecorded> events(long seed) {
        SplittableRandom random = new SplittableRandom(~seed);
        List<String> names = List.of("Start", "Start", "Start", "View", "View", "Order", "Stop");
        List<BehaviourRecorded> events = new ArrayList<>();
        Instant at = START;
        for (int i = 0; i < 30; i++) {
            at = at.plusSeconds(random.nextLong(1, 4 * 3600));
            events.add(
                    new BehaviourRecorded(
                            customer(seed).id(),
                            seed + "-" + i,
                            "web",
                            AcceptedEvent.Kind.TRACK,
                            names.get(random.nextInt(names.size())),
                            Map.of("value", random.nextInt(100)),
                            Map.of(),
                            List.of(),
                            at,
                            at));
        }
        return events;
    }

    private static String kind(Fact fact) {
        return switch (fact) {
            case Fact.Asked asked -> "Asked";
            case Fact.Processed processed -> "Processed";
            case Fact.Reported reported -> reported.report().getClass().getSimpleName();
            case Fact.Decided(DecisionEvent.Left left) -> "Left " + left.reason();
            case Fact.Decided decided -> decided.decision().getClass().getSimpleName();
        };
    }

    /** What a dry run and a live run are compared by. */
    private static Map<String, Long> outcome(DryRunReport report) {
        Map<String, Long> outcome = new TreeMap<>();
        report.steps()
                .forEach(step ->
                        step.sends()
                                .forEach((channel, count) ->
                                        outcome.put("sent " + step.step() + " " + channel, count)));
        report.left().forEach((reason, count) -> outcome.put("left " + reason, count));
        report.deferrals().forEach((reason, count) -> outcome.put("deferred " + reason, count));
        report.displaced()
                .forEach(gave ->
                        outcome.put("displaced " + gave.by() + " " + gave.fate(), gave.count()));
        if (report.entered() > 0) {
            outcome.put("entered", report.entered());
        }
        if (report.heldOut() > 0) {
            outcome.put("held out", report.heldOut());
        }
        if (report.ghostSends() > 0) {
            outcome.put("ghost sends", report.ghostSends());
        }
        return outcome;
    }

    private static Map<String, Long> outcome(List<Fact> facts, String journey) {
        Map<String, Long> outcome = new TreeMap<>();
        Set<UUID> ghosts = new HashSet<>();
        for (Fact fact : facts) {
            switch (fact) {
                case Fact.Reported(MessageEvent.Sent sent)
                        when Objects.requireNonNull(sent.origin()).journey().equals(journey) ->
                        count(outcome, "sent " + sent.origin().step() + " " + sent.channel());
                case Fact.Decided(DecisionEvent decision)
                        when decision.origin().journey().equals(journey) ->
                        count(outcome, ghosts, decision);
                default -> {
                    // of another journey, or not counted
                }
            }
        }
        return outcome;
    }

    private static void count(Map<String, Long> outcome, Set<UUID> ghosts, DecisionEvent decision) {
        boolean ghost = ghosts.contains(decision.origin().instance());
        switch (decision) {
            case DecisionEvent.Entered d -> count(outcome, "entered");
            case DecisionEvent.HeldOut d -> {
                ghosts.add(d.origin().instance());
                count(outcome, "held out");
            }
            case DecisionEvent.GhostSend d -> count(outcome, "ghost sends");
            case DecisionEvent.Left d when !ghost -> count(outcome, "left " + d.reason());
            case DecisionEvent.Displaced d when !ghost ->
                    count(outcome, "displaced " + d.by().journey() + " " + d.fate());
            case DecisionEvent.Deferred d when !ghost -> count(outcome, "deferred " + d.reason());
            default -> {
                // not in the report
            }
        }
    }

    private static void count(Map<String, Long> outcome, String what) {
        outcome.merge(what, 1L, Long::sum);
    }
}
