package io.throughline.journey.dryrun;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.journey.Journeys;
import io.throughline.journey.dryrun.DryRunReport.Conflict;
import io.throughline.journey.dryrun.DryRunReport.ConflictCount;
import io.throughline.journey.dryrun.DryRunReport.StepReach;
import io.throughline.journey.engine.CustomerView;
import io.throughline.journey.engine.Program;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DryRunTest {

    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private static final String CART =
            """
            journey: cart
            category: marketing
            entry: { on: Checkout Started, again-after: PT0S }
            goal: { on: Order Completed, silence: P2D }
            steps:
              - wait: PT1H
              - send: { channel: sms, template: a, unless-denied: { then: [ { send: { channel: email, template: a } } ] } }
              - wait: PT1H
              - send: { channel: email, template: b }
            """;
    private static final String NEWS =
            """
            journey: news
            category: marketing
            priority: 10
            entry: { on: Checkout Started, again-after: PT0S }
            steps:
              - wait: PT30M
              - send: { channel: email, template: n }
            """;

    @Test
    void whatTheDraftSendsIsCountedByChannelAndStep() {
        DryRunReport report = run(CART, List.of(), open(), story(1, started(0)));

        assertThat(report.entered()).isEqualTo(1);
        assertThat(report.sends()).isEqualTo(Map.of(Channel.SMS, 1L, Channel.EMAIL, 1L));
        assertThat(report.left()).isEqualTo(Map.of("completed", 1L));
        assertThat(report.steps())
                .containsExactly(
                        new StepReach("steps[0].wait", 1, Map.of()),
                        new StepReach("steps[1].send", 1, Map.of(Channel.SMS, 1L)),
                        new StepReach("steps[1].send.unless-denied.then[0].send", 0, Map.of()),
                        new StepReach("steps[2].wait", 1, Map.of()),
                        new StepReach("steps[3].send", 1, Map.of(Channel.EMAIL, 1L)));
    }

    @Test
    void aConversionEndsTheJourneyAndSilencesTheNextOne() {
        DryRunReport report =
                run(CART, List.of(), open(), story(1, started(0), ordered(90), started(120)));

        assertThat(report.entered()).isEqualTo(2);
        assertThat(report.left()).isEqualTo(Map.of("goal", 1L, "completed", 1L));
        assertThat(report.sends()).isEqualTo(Map.of(Channel.SMS, 1L));
        assertThat(report.suppressions()).isEqualTo(Map.of("silence", 3L));
    }

    @Test
    void aPausedJourneysConversionSilencesAndNothingElseOfItHappens() {
        DryRun dryRun =
                new DryRun(
                        program(NEWS),
                        new DryRun.Others(List.of(), List.of(program(CART))),
                        open(),
                        1);
        dryRun.play(story(1, started(0), ordered(10), started(60)));

        assertThat(dryRun.report().entered()).isEqualTo(2);
        assertThat(dryRun.report().sends()).isEmpty();
        assertThat(dryRun.report().suppressions()).isEqualTo(Map.of("silence", 2L));
    }

    @Test
    void aCustomerWithoutConsentIsSuppressedByThatRule() {
        DryRunReport report =
                run(
                        CART,
                        List.of(),
                        open(),
                        new CustomerStory(view(1, "sms", "email"), List.of(), List.of(started(0))));

        assertThat(report.sends()).isEmpty();
        assertThat(report.suppressions()).isEqualTo(Map.of("consent", 3L));
    }

    @Test
    void aCustomerWithoutAnAddressIsWithheldFrom() {
        DryRunReport report =
                run(
                        CART,
                        List.of(),
                        open(),
                        new CustomerStory(view(1, "email"), consents(1), List.of(started(0))));

        assertThat(report.sends()).isEqualTo(Map.of(Channel.EMAIL, 2L));
        assertThat(report.suppressions()).isEqualTo(Map.of("no-address", 1L));
    }

    @Test
    void capsOfThePolicyHold() {
        DryRunReport report = run(CART, List.of(), policy(1, null, null), story(1, started(0)));

        assertThat(report.sends()).isEqualTo(Map.of(Channel.SMS, 1L));
        assertThat(report.suppressions()).isEqualTo(Map.of("cap:global:P1D", 1L));
        assertThat(report.conflicts()).isEmpty();
    }

    @Test
    void aQuietNightPutsAMessageOff() {
        ContactPolicy quiet =
                policy(
                        9,
                        null,
                        new ContactPolicy.QuietHours(
                                LocalTime.of(12, 30), LocalTime.of(15, 0), Set.of(Channel.SMS)));
        DryRunReport report = run(CART, List.of(), quiet, story(1, started(0)));

        assertThat(report.deferrals()).isEqualTo(Map.of(SuppressionReason.QUIET_HOURS, 1L));
        assertThat(report.sends()).isEqualTo(Map.of(Channel.SMS, 1L, Channel.EMAIL, 1L));
        assertThat(report.suppressions()).isEmpty();
    }

    @Test
    void anotherJourneysMessageThatUsedTheCapIsAConflict() {
        DryRunReport report = run(CART, List.of(NEWS), policy(2, null, null), story(1, started(0)));

        assertThat(report.sends()).isEqualTo(Map.of(Channel.SMS, 1L));
        assertThat(report.conflicts())
                .containsExactly(new ConflictCount("cart", "news", "cap:global:P1D", 1));
        assertThat(report.examples())
                .containsExactly(
                        new Conflict(
                                customer(1),
                                "cart",
                                "news",
                                "cap:global:P1D",
                                Channel.EMAIL,
                                START.plus(HOUR.multipliedBy(2))));
    }

    @Test
    void anotherJourneysMessageThatTheDraftKeepsOutIsAConflictToo() {
        DryRunReport report =
                run(
                        CART,
                        List.of(NEWS),
                        policy(2, null, null),
                        story(1, started(0), started(15 * 60)));

        assertThat(report.conflicts())
                .contains(new ConflictCount("news", "cart", "cap:global:P1D", 1));
    }

    @Test
    void aMinimumGapThatAnotherJourneyUsedIsAConflict() {
        DryRunReport report = run(CART, List.of(NEWS), policy(9, HOUR, null), story(1, started(0)));

        assertThat(report.deferrals()).containsEntry(SuppressionReason.MINIMUM_GAP, 1L);
        assertThat(report.conflicts())
                .contains(new ConflictCount("cart", "news", "minimum-gap", 1));
    }

    @Test
    void aJourneysOwnCapIsNoConflictWithOthers() {
        ContactPolicy once =
                new ContactPolicy(
                        7,
                        List.of(
                                new ContactPolicy.Cap(
                                        ContactPolicy.Scope.JOURNEY, null, 1, Duration.ofDays(1))),
                        null,
                        null,
                        "UTC",
                        Map.of(),
                        Set.of(),
                        List.of());
        DryRunReport report = run(CART, List.of(NEWS), once, story(1, started(0)));

        assertThat(report.suppressions()).isEqualTo(Map.of("cap:journey:P1D", 1L));
        assertThat(report.conflicts()).isEmpty();
    }

    @Test
    void heldOutCustomersAreCountedAndSentNothing() {
        DryRunReport report =
                run(
                        CART.replace("steps:", "holdout: 100%\nsteps:"),
                        List.of(),
                        open(),
                        story(1, started(0)));

        assertThat(report.entered()).isZero();
        assertThat(report.heldOut()).isEqualTo(1);
        assertThat(report.ghostSends()).isEqualTo(2);
        assertThat(report.sends()).isEmpty();
        assertThat(report.left()).isEmpty();
    }

    @Test
    void theNextBestChannelIsChosenAgainstTheGate() {
        DryRunReport report =
                run(
                        """
                        journey: best
                        category: marketing
                        entry: { on: Checkout Started, again-after: PT0S }
                        steps:
                          - send: { channel: best, among: [push, sms, email], template: a }
                          - send: { channel: best, among: [push, sms, email], template: b }
                        """,
                        List.of(),
                        new ContactPolicy(
                                1,
                                List.of(
                                        new ContactPolicy.Cap(
                                                ContactPolicy.Scope.CHANNEL,
                                                Channel.SMS,
                                                1,
                                                Duration.ofDays(1))),
                                null,
                                null,
                                "UTC",
                                Map.of(),
                                Set.of(),
                                List.of()),
                        story(1, started(0)));

        assertThat(report.sends()).isEqualTo(Map.of(Channel.SMS, 1L, Channel.EMAIL, 1L));
    }

    @Test
    void whoDoesNothingButGetMessagesIsTiredOfThemAndWhoComesByIsNot() {
        String twice =
                """
                journey: twice
                category: marketing
                entry: { on: Checkout Started }
                steps:
                  - send: { channel: sms, template: a }
                  - wait: PT1H
                  - send: { channel: sms, template: b }
                """;
        ContactPolicy tiring =
                policy(2, null, null)
                        .withFatigue(
                                new ContactPolicy.Fatigue(
                                        null,
                                        List.of(new ContactPolicy.Step(1, new BigDecimal("0.5"))),
                                        null,
                                        null));
        BehaviourRecorded visit =
                new BehaviourRecorded(
                        customer(1),
                        "visit",
                        "web",
                        AcceptedEvent.Kind.PAGE,
                        "Home",
                        Map.of(),
                        Map.of(),
                        List.of(),
                        START.plus(Duration.ofMinutes(30)),
                        START.plus(Duration.ofMinutes(30)));

        DryRunReport tired = run(twice, List.of(), tiring, story(1, started(0)));
        assertThat(tired.sends()).isEqualTo(Map.of(Channel.SMS, 1L));
        assertThat(tired.assumptions()).last().asString().contains("Nobody opens");
        assertThat(run(twice, List.of(), tiring, story(1, started(0), visit)).sends())
                .isEqualTo(Map.of(Channel.SMS, 2L));
    }

    @Test
    void theSameSeedGivesTheSameReportByteForByte() {
        assertThat(many(7, false)).isEqualTo(many(7, false));
    }

    @Test
    void theOrderInWhichCustomersArePlayedDoesNotMatter() {
        assertThat(many(7, true)).isEqualTo(many(7, false));
    }

    @Test
    void theReportKeepsItsFormat() {
        assertThat(many(7, false) + "\n").isEqualTo(Journeys.text("dryrun/report.json"));
    }

    /** Three hundred customers, three journeys, a tight policy. */
    private static String many(long seed, boolean shuffled) {
        List<CustomerStory> stories = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            stories.add(story(i, RandomEvents.of(customer(i), i, START)));
        }
        if (shuffled) {
            Collections.shuffle(stories, new Random(1));
        }
        DryRun dryRun =
                new DryRun(
                        program(Journeys.text("journeys/cart-abandonment.yaml")),
                        List.of(program(NEWS), program(CART)),
                        new ContactPolicy(
                                4,
                                ContactPolicy.initial().caps(),
                                Duration.ofMinutes(20),
                                new ContactPolicy.QuietHours(
                                        LocalTime.of(21, 0),
                                        LocalTime.of(8, 0),
                                        Set.of(Channel.SMS, Channel.PUSH)),
                                "Europe/Madrid",
                                Map.of(),
                                Set.of(),
                                List.of()),
                        seed);
        stories.forEach(dryRun::play);
        return dryRun.report().toJson();
    }

    private static DryRunReport run(
            String draft, List<String> others, ContactPolicy policy, CustomerStory story) {
        DryRun dryRun =
                new DryRun(
                        program(draft),
                        others.stream().map(DryRunTest::program).toList(),
                        policy,
                        1);
        dryRun.play(story);
        return dryRun.report();
    }

    private static Program program(String text) {
        return Program.compile(Journeys.document(text), 1);
    }

    private static ContactPolicy open() {
        return policy(100, null, null);
    }

    private static ContactPolicy policy(
            int perDay, @Nullable Duration gap, ContactPolicy.@Nullable QuietHours quiet) {
        return new ContactPolicy(
                1,
                List.of(
                        new ContactPolicy.Cap(
                                ContactPolicy.Scope.GLOBAL, null, perDay, Duration.ofDays(1))),
                gap,
                quiet,
                "UTC",
                Map.of(),
                Set.of(),
                List.of());
    }

    private static CustomerStory story(int customer, BehaviourRecorded... events) {
        return story(customer, List.of(events));
    }

    private static CustomerStory story(int customer, List<BehaviourRecorded> events) {
        return new CustomerStory(view(customer, "sms", "email"), consents(customer), events);
    }

    private static CustomerView view(int customer, String... channels) {
        Map<Channel, String> addresses = new EnumMap<>(Channel.class);
        Stream.of(channels).map(Channel::of).forEach(c -> addresses.put(c, c.word() + customer));
        return new CustomerView(
                customer(customer),
                Map.of(),
                addresses,
                null,
                null,
                Map.of(),
                Map.of("purchase_30d", customer % 10 / 100.0),
                Map.of(),
                Set.of());
    }

    private static List<ConsentWrite> consents(int customer) {
        return Stream.of(Channel.SMS, Channel.EMAIL)
                .map(channel ->
                        new ConsentWrite(
                                customer(customer),
                                null,
                                channel,
                                null,
                                ConsentState.OPTED_IN,
                                START.minus(Duration.ofDays(30))))
                .toList();
    }

    private static CustomerId customer(int number) {
        return CustomerId.of("019509a0-0000-7000-8000-%012x".formatted(number));
    }

    private static BehaviourRecorded started(int minute) {
        return event("Checkout Started", minute);
    }

    private static BehaviourRecorded ordered(int minute) {
        return event("Order Completed", minute);
    }

    private static BehaviourRecorded event(String name, int minute) {
        Instant at = START.plus(Duration.ofMinutes(minute));
        return new BehaviourRecorded(
                customer(1),
                name + minute,
                "web",
                AcceptedEvent.Kind.TRACK,
                name,
                Map.of("value", 50),
                Map.of(),
                List.of(),
                at,
                at);
    }
}
