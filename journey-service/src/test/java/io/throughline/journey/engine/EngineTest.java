package io.throughline.journey.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.decision.DecisionEvent.Option;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.governance.GateRequest;
import io.throughline.journey.Journeys;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final String SEND = "steps: [ { send: { channel: sms, template: hello } } ]";
    private static final String SEND_OR_MAIL =
            "steps: [ { send: { channel: sms, template: hello, unless-denied: { then: [ { send: {"
                    + " channel: email, template: hello } } ] } } } ]";
    private static final String BEST =
            "steps: [ { send: { channel: best, among: [sms, email, push], template: hello } } ]";

    @Nested
    class Entering {

        @Test
        void theEntryEventLeadsIn() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");

            assertThat(stage.enter()).containsExactly("entered", "timer PT1H");
            assertThat(stage.decision(DecisionEvent.Entered.class))
                    .isEqualTo(
                            new DecisionEvent.Entered(
                                    Stage.ANA, stage.origin("entry"), "event-1", 0.0, Stage.START));
        }

        @Test
        void theDecisionSaysHowProbableAHoldoutWas() {
            Stage stage = Stage.steps("holdout: 0.01%\nsteps: [ { wait: PT1H } ]");
            stage.enter();

            assertThat(stage.decision(DecisionEvent.Entered.class).holdout()).isEqualTo(0.0001);
        }

        @Test
        void anotherEventDoesNot() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");

            assertThat(stage.enter(stage.event("Other", Map.of()), null)).isEmpty();
            assertThat(stage.instance).isNull();
        }

        @Test
        void aPageOfTheSameNameDoesNot() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");

            assertThat(
                            stage.enter(
                                    stage.event("1", "Start", Map.of(), AcceptedEvent.Kind.PAGE),
                                    null))
                    .isEmpty();
        }

        @ParameterizedTest
        @CsvSource({"20.0, true", "19.99, false", "'20', false"})
        void aConditionReadsTheEvent(String value, boolean enters) {
            Stage stage =
                    new Stage(
                            "journey: a\ncategory: marketing\nentry: { on: Start, when:"
                                    + " 'event.properties.value >= 20.0' }\nsteps: [ { wait: PT1H } ]");
            Object property = value.equals("20") ? value : Double.valueOf(value);

            assertThat(stage.enter(stage.event("Start", Map.of("value", property)), null).isEmpty())
                    .isEqualTo(!enters);
        }

        @Test
        void aConditionOnAFieldThatIsAbsentDoesNotHold() {
            Stage stage =
                    new Stage(
                            "journey: a\ncategory: marketing\nentry: { on: Start, when:"
                                    + " 'event.properties.value < 20.0' }\nsteps: [ { wait: PT1H } ]");

            assertThat(stage.enter()).isEmpty();
        }

        @Test
        void aCustomerIsInAJourneyOnceAtATime() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");

            assertThat(stage.enter(stage.event("Start", Map.of()), prior(Duration.ofDays(9), true)))
                    .isEmpty();
        }

        @Test
        void theSameEventDoesNotLeadInTwice() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");

            assertThat(
                            stage.enter(
                                    stage.event("Start", Map.of()),
                                    new PriorEntry(Stage.START, "event-1", false)))
                    .isEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "P1D, PT24H, true",
            "P1D, PT23H59M59S, false",
            "PT0S, PT0S, true",
            ", P999D, false"
        })
        void againAfterIsCountedFromThePreviousEntry(
                @Nullable String againAfter, Duration ago, boolean enters) {
            Stage stage =
                    new Stage(
                            "journey: a\ncategory: marketing\nentry: { on: Start"
                                    + (againAfter == null ? "" : ", again-after: " + againAfter)
                                    + " }\nsteps: [ { wait: PT1H } ]");

            assertThat(stage.enter(stage.event("Start", Map.of()), prior(ago, false)).isEmpty())
                    .isEqualTo(!enters);
        }

        private static PriorEntry prior(Duration ago, boolean running) {
            return new PriorEntry(Stage.START.minus(ago), "earlier", running);
        }
    }

    @Nested
    class Steps {

        @Test
        void aWaitLastsItsTime() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H }, { wait: PT2H } ]");
            stage.enter();

            assertThat(stage.after(HOUR)).containsExactly("timer PT2H");
            assertThat(stage.after(HOUR.multipliedBy(2))).containsExactly("left completed");
            assertThat(stage.instance).isNull();
        }

        @Test
        void aWaitForEndsWithItsEvent() {
            Stage stage =
                    Stage.steps(
                            "steps: [ { wait-for: { on: Seen, timeout: PT6H, then: [ { exit: seen } ],"
                                    + " else: [ { exit: unseen } ] } } ]");

            assertThat(stage.enter()).containsExactly("entered", "timer PT6H");
            assertThat(stage.event("Other")).isEmpty();
            assertThat(stage.event("Seen")).containsExactly("cancel timers", "left exit-step seen");
        }

        @Test
        void aWaitForEndsWithItsTimeout() {
            Stage stage =
                    Stage.steps(
                            "steps: [ { wait-for: { on: Seen, timeout: PT6H, then: [ { exit: seen } ],"
                                    + " else: [ { exit: unseen } ] } } ]");
            stage.enter();

            assertThat(stage.after(HOUR.multipliedBy(6))).containsExactly("left exit-step unseen");
        }

        @Test
        void aWaitForGoesOnAfterEither() {
            Stage stage =
                    Stage.steps(
                            "steps: [ { wait-for: { on: Seen, timeout: PT6H } }, { wait: PT1H } ]");
            stage.enter();

            assertThat(stage.event("Seen")).containsExactly("cancel timers", "timer PT1H");
        }

        @Test
        void aWaitForsConditionComparesTheArrivingEventWithTheTrigger() {
            Stage stage =
                    Stage.steps(
                            "steps: [ { wait-for: { on: Seen, timeout: PT6H, when:"
                                    + " 'event.properties.cart == journey.trigger.properties.cart' } } ]");
            stage.enter(stage.event("Start", Map.of("cart", 7)), null);

            assertThat(stage.input(arrived(stage, "Seen", Map.of("cart", 8)))).isEmpty();
            assertThat(stage.input(arrived(stage, "Seen", Map.of("cart", 7))))
                    .containsExactly("cancel timers", "left completed");
        }

        @Test
        void anEventThatMovedTheInstanceDoesNotMoveItTwice() {
            Stage stage =
                    Stage.steps(
                            "steps: [ { wait-for: { on: Seen, timeout: PT6H } }, { wait-for: { on:"
                                    + " Seen, timeout: PT6H } } ]");
            stage.enter();
            Input seen = arrived(stage, "Seen", Map.of());

            assertThat(stage.input(seen)).containsExactly("cancel timers", "timer PT6H");
            assertThat(stage.input(seen)).isEmpty();
            assertThat(stage.event("Seen")).containsExactly("cancel timers", "left completed");
        }

        @ParameterizedTest
        @CsvSource({"0.01, exit-step low", "0.5, exit-step high", "0.2, completed"})
        void aBranchTakesTheFirstArmThatHolds(double score, String left) {
            Stage stage =
                    Stage.steps(
                                    """
                                    steps:
                                      - branch:
                                          - { when: customer.scores.p < 0.05, then: [ { exit: low } ] }
                                          - { when: customer.scores.p > 0.25, then: [ { exit: high } ] }
                                    """)
                            .score("p", score);

            assertThat(stage.enter()).containsExactly("entered", "left " + left);
        }

        @Test
        void aBranchTakesItsElseWhenNothingHolds() {
            Stage stage =
                    Stage.steps(
                            """
                            steps:
                              - branch:
                                  - { when: customer.plan == "pro", then: [ { exit: pro } ] }
                                  - else: [ { wait: PT1H }, { exit: later } ]
                            """);

            assertThat(stage.enter()).containsExactly("entered", "timer PT1H");
            assertThat(stage.after(HOUR)).containsExactly("left exit-step later");
        }

        @Test
        void aBranchReadsTheTriggeringEventLongAfterEntry() {
            Stage stage =
                    Stage.steps(
                            """
                            steps:
                              - wait: P3D
                              - branch:
                                  - { when: event.properties.total > 100, then: [ { exit: big } ] }
                            """);
            stage.enter(stage.event("Start", Map.of("total", 250)), null);

            assertThat(stage.after(Duration.ofDays(3))).containsExactly("left exit-step big");
        }
    }

    @Nested
    class Leaving {

        private static final String GOALS =
                """
                exit: [ { on: Bought }, { on: Gone, when: event.properties.really } ]
                goal: { on: Bought, within: P3D }
                steps: [ { wait: P9D } ]
                """;

        @Test
        void theGoalEndsTheJourneyBeforeAnExitDoes() {
            Stage stage = Stage.steps(GOALS);
            stage.enter();

            assertThat(stage.event("Bought")).containsExactly("cancel timers", "left goal Bought");
        }

        @Test
        void afterItsWindowTheGoalIsOnlyAnExit() {
            Stage stage = Stage.steps(GOALS);
            stage.enter();
            stage.now = stage.now.plus(Duration.ofDays(3)).plusMillis(1);

            assertThat(stage.event("Bought"))
                    .containsExactly("cancel timers", "left exit-event Bought");
        }

        @Test
        void anExitsConditionMustHold() {
            Stage stage = Stage.steps(GOALS);
            stage.enter();

            assertThat(stage.event("Gone")).isEmpty();
            assertThat(stage.input(arrived(stage, "Gone", Map.of("really", true))))
                    .containsExactly("cancel timers", "left exit-event Gone");
        }

        @Test
        void aMessageThatIsStillQueuedIsAskedBack() {
            Stage stage = Stage.steps("exit: [ { on: Bought } ]\n" + SEND);
            stage.enter();

            assertThat(stage.event("Bought"))
                    .containsExactly("cancel timers", "withdraw", "left exit-event Bought");
        }

        @Test
        void aStopFromOutsideEndsItWithItsReason() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");
            stage.enter();

            assertThat(stage.input(new Input.Stop("archived")))
                    .containsExactly("cancel timers", "left archived");
        }
    }

    @Nested
    class Sending {

        @Test
        void aMessageIsAskedForWithAllThatItsTemplateReads() {
            Stage stage =
                    new Stage(
                                    """
                                    journey: test
                                    category: service
                                    topic: offers
                                    priority: 80
                                    entry: { on: Start }
                                    steps: [ { send: { channel: sms, template: hello, within: PT2H } } ]
                                    """)
                            .trait("name", "Ana");

            assertThat(stage.enter(stage.event("Start", Map.of("total", 5)), null))
                    .containsExactly("entered", "request sms hello", "timer PT2H1M");
            assertThat(stage.request())
                    .isEqualTo(
                            new MessageRequested(
                                    stage.outstanding(),
                                    Stage.ANA,
                                    Channel.SMS,
                                    "+34600111222",
                                    "hello",
                                    Category.SERVICE,
                                    "offers",
                                    80,
                                    stage.origin("steps[0].send"),
                                    Map.of(
                                            "customer",
                                            Map.of("name", "Ana", "id", Stage.ANA.toString()),
                                            "event",
                                            Map.of(
                                                    "name",
                                                    "Start",
                                                    "properties",
                                                    Map.of("total", 5)),
                                            "journey",
                                            Map.of(
                                                    "key",
                                                    "test",
                                                    "version",
                                                    3,
                                                    "enteredAt",
                                                    "2026-03-01T12:00:00Z",
                                                    "step",
                                                    "steps[0].send")),
                                    "es",
                                    "Europe/Madrid",
                                    List.of(),
                                    Stage.START,
                                    Stage.START.plus(Duration.ofHours(2))));
            assertThat(stage.outstanding())
                    .isEqualTo(
                            MessageId.of(
                                    Objects.requireNonNull(stage.instance).id(),
                                    "steps[0].send",
                                    1));
        }

        @Test
        void theJourneyGoesOnOnceTheMessageIsSent() {
            Stage stage = Stage.steps(SEND);
            stage.enter();

            assertThat(stage.sent()).containsExactly("cancel timers", "left completed");
        }

        @Test
        void aMessageOfUnknownFateIsNotReplaced() {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();

            assertThat(
                            stage.input(
                                    new Input.MessageReported(
                                            new MessageEvent.Unknown(
                                                    stage.outstanding(),
                                                    Stage.ANA,
                                                    Channel.SMS,
                                                    null,
                                                    "connection lost",
                                                    stage.now))))
                    .containsExactly("cancel timers", "left completed");
        }

        @Test
        void aMessageWithoutAReportIsNotReplaced() {
            Stage stage = Stage.steps(SEND_OR_MAIL);

            assertThat(stage.enter()).contains("timer PT24H1M");
            assertThat(stage.after(Duration.ofHours(25))).containsExactly("left completed");
        }

        @Test
        void aReceiptThatOvertakesItsReportCountsAsOne() {
            Stage stage = Stage.steps(SEND);
            stage.enter();

            assertThat(
                            stage.input(
                                    new Input.MessageReported(
                                            new MessageEvent.Delivered(
                                                    stage.outstanding(),
                                                    Stage.ANA,
                                                    Channel.SMS,
                                                    null,
                                                    stage.now))))
                    .containsExactly("cancel timers", "left completed");
        }

        @Test
        void aSuppressedMessageTakesTheOtherWay() {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();

            assertThat(stage.suppressed(SuppressionReason.OPTED_OUT, null))
                    .containsExactly(
                            "cancel timers",
                            "moved from sms opted_out",
                            "request email hello",
                            "timer PT24H1M");
        }

        @Test
        void aMessageTheCarrierRefusedTakesTheOtherWay() {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();

            assertThat(stage.failed())
                    .containsExactly("cancel timers", "request email hello", "timer PT24H1M");
        }

        @Test
        void withoutAnotherWayTheJourneyGoesOn() {
            Stage stage = Stage.steps(SEND);
            stage.enter();

            assertThat(stage.suppressed(SuppressionReason.GLOBAL_CAP, HOUR))
                    .containsExactly("cancel timers", "left completed");
        }

        @Test
        void aCustomerWithoutAnAddressIsWithheldFromAndTakesTheOtherWay() {
            Stage stage = Stage.steps(SEND_OR_MAIL).without(Channel.SMS);

            assertThat(stage.enter())
                    .containsExactly(
                            "entered",
                            "withheld sms no_address",
                            "moved from sms no_address",
                            "request email hello",
                            "timer PT24H1M");
        }

        @ParameterizedTest
        @ValueSource(strings = {"QUIET_HOURS", "MINIMUM_GAP"})
        void whatPassesByItselfIsWaitedForAndTriedAgain(SuppressionReason reason) {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();
            MessageId first = stage.outstanding();

            assertThat(stage.suppressed(reason, HOUR))
                    .containsExactly(
                            "cancel timers", "deferred " + reason.word() + " PT1H", "timer PT1H");
            assertThat(stage.after(HOUR)).containsExactly("request sms hello", "timer PT23H1M");
            assertThat(stage.outstanding()).isNotEqualTo(first);
            assertThat(stage.request().deadline()).isEqualTo(Stage.START.plus(Duration.ofDays(1)));
        }

        @Test
        void whatPassesOnlyAfterTheDeadlineIsDenied() {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();

            assertThat(stage.suppressed(SuppressionReason.QUIET_HOURS, Duration.ofDays(1)))
                    .contains("moved from sms quiet_hours", "request email hello");
        }

        @Test
        void aRetryThatComesAfterTheDeadlineIsDenied() {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();
            stage.suppressed(SuppressionReason.QUIET_HOURS, HOUR);

            assertThat(stage.after(Duration.ofDays(2)))
                    .containsExactly(
                            "withheld sms deadline_passed",
                            "moved from sms deadline_passed",
                            "request email hello",
                            "timer PT24H1M");
        }

        @Test
        void aStepAsksTenTimesAtMost() {
            Stage stage = Stage.steps(SEND_OR_MAIL);
            stage.enter();
            for (int attempt = 1; attempt < Engine.MAX_ATTEMPTS; attempt++) {
                stage.suppressed(SuppressionReason.MINIMUM_GAP, Duration.ZERO);
                stage.after(Duration.ZERO);
            }

            assertThat(stage.suppressed(SuppressionReason.MINIMUM_GAP, Duration.ZERO))
                    .contains("moved from sms minimum_gap");
        }

        @Test
        void aReportOfAnotherMessageChangesNothing() {
            Stage stage = Stage.steps(SEND);
            stage.enter();
            MessageId other = MessageId.of(Objects.requireNonNull(stage.instance).id(), "x", 1);

            assertThat(stage.input(new Input.MessageReported(stage.sent(other)))).isEmpty();
        }

        @Test
        void aRepeatedReportChangesNothing() {
            Stage stage =
                    Stage.steps(
                            "steps: [ { send: { channel: sms, template: a } }, { wait: PT1H } ]");
            stage.enter();
            Input report = new Input.MessageReported(stage.sent(stage.outstanding()));
            stage.input(report);

            assertThat(stage.input(report)).isEmpty();
        }
    }

    @Nested
    class NextBestChannel {

        @Test
        void theGateIsAskedAboutEveryChannelWithAnAddress() {
            Stage stage = Stage.steps(BEST);

            assertThat(stage.enter()).containsExactly("entered", "ask sms, email");
            assertThat(stage.question().requests().getFirst())
                    .isEqualTo(
                            new GateRequest(
                                    Stage.ANA,
                                    MessageId.of(
                                            Objects.requireNonNull(stage.instance).id(),
                                            "steps[0].send",
                                            1),
                                    Channel.SMS,
                                    Category.MARKETING,
                                    null,
                                    "test",
                                    "+34600111222"));
        }

        @Test
        void theBestAnsweredIsChosenAndTheOtherIsItsFallback() {
            Stage stage =
                    Stage.steps(BEST).engaged(Channel.EMAIL, 10, 4).engaged(Channel.SMS, 10, 1);
            stage.enter();

            assertThat(stage.answers(Stage.allowed(), Stage.allowed()))
                    .containsExactly("chosen email", "request email hello or sms", "timer PT24H1M");
            assertThat(stage.decision(DecisionEvent.ChannelChosen.class).options())
                    .containsExactly(
                            new Option(Channel.EMAIL, 0.25, 1, null),
                            new Option(Channel.SMS, 0.1, 0, null),
                            new Option(Channel.PUSH, 0.1, 0, SuppressionReason.NO_ADDRESS));
        }

        @Test
        void aTieGoesToTheChannelNamedFirst() {
            Stage stage = Stage.steps(BEST);
            stage.enter();

            assertThat(stage.answers(Stage.allowed(), Stage.allowed()))
                    .contains("request sms hello or email");
        }

        @Test
        void aDeniedChannelIsNeitherChosenNorAFallback() {
            Stage stage = Stage.steps(BEST).engaged(Channel.SMS, 10, 9);
            stage.enter();

            assertThat(stage.answers(Stage.denied(SuppressionReason.OPTED_OUT), Stage.allowed()))
                    .containsExactly("chosen email", "request email hello", "timer PT24H1M");
        }

        @Test
        void whereNoneIsAllowedNothingIsSent() {
            Stage stage = Stage.steps(BEST);
            stage.enter();

            assertThat(
                            stage.answers(
                                    Stage.denied(SuppressionReason.NO_CONSENT),
                                    Stage.denied(SuppressionReason.GLOBAL_CAP)))
                    .containsExactly("withheld all no_consent", "left completed");
            assertThat(stage.decision(DecisionEvent.Withheld.class).policyVersion()).isEqualTo(7);
        }

        @Test
        void whereNoneHasAnAddressTheGateIsNotAsked() {
            Stage stage = Stage.steps(BEST).without(Channel.SMS).without(Channel.EMAIL);

            assertThat(stage.enter())
                    .containsExactly("entered", "withheld all no_address", "left completed");
        }

        @Test
        void whereWaitingHelpsTheSoonestChannelIsWaitedFor() {
            Stage stage = Stage.steps(BEST);
            stage.enter();

            assertThat(
                            stage.answers(
                                    stage.denied(SuppressionReason.QUIET_HOURS, HOUR.plus(HOUR)),
                                    stage.denied(SuppressionReason.QUIET_HOURS, HOUR)))
                    .containsExactly("deferred quiet_hours PT1H", "timer PT1H");
            assertThat(stage.after(HOUR)).containsExactly("ask sms, email");
        }

        @Test
        void aLateAnswerChangesNothing() {
            Stage stage = Stage.steps(BEST);
            stage.enter();
            Input answers =
                    new Input.GateAnswered(
                            stage.question().question(), List.of(Stage.allowed(), Stage.allowed()));
            stage.input(answers);

            assertThat(stage.input(answers)).isEmpty();
        }

        @Test
        void answersThatDoNotFitTheQuestionAreABug() {
            Stage stage = Stage.steps(BEST);
            stage.enter();

            assertThatThrownBy(() -> stage.answers(Stage.allowed()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class HoldingOut {

        @Test
        void aHeldOutCustomerIsSentNothing() {
            Stage stage = Stage.steps("holdout: 100%\n" + SEND);

            assertThat(stage.enter()).containsExactly("held out", "ask sms");
            assertThat(stage.decision(DecisionEvent.HeldOut.class).holdout()).isEqualTo(1.0);
            assertThat(stage.answers(Stage.allowed()))
                    .containsExactly("ghost send sms hello", "left completed");
        }

        @Test
        void aGhostTakesTheOtherWayToo() {
            Stage stage = Stage.steps("holdout: 100%\n" + SEND_OR_MAIL);
            stage.enter();

            assertThat(stage.answers(Stage.denied(SuppressionReason.OPTED_OUT)))
                    .containsExactly(
                            "withheld sms opted_out", "moved from sms opted_out", "ask email");
            assertThat(stage.answers(Stage.allowed()))
                    .containsExactly("ghost send email hello", "left completed");
        }

        @Test
        void aGhostChoosesAChannelAsTheTreatedDo() {
            Stage stage = Stage.steps("holdout: 100%\n" + BEST).engaged(Channel.EMAIL, 4, 4);
            stage.enter();

            assertThat(stage.answers(Stage.allowed(), Stage.allowed()))
                    .containsExactly("chosen email", "ghost send email hello", "left completed");
        }

        @Test
        void theShareHeldOutIsTheShareAskedFor() {
            long heldOut =
                    customers().filter(c -> Holdout.has(c, "a", new BigDecimal("12.5"))).count();

            assertThat(heldOut).isBetween(1_150L, 1_350L);
        }

        @Test
        void assignmentsOfTwoJourneysAreIndependent() {
            BigDecimal half = new BigDecimal("50");
            long both =
                    customers()
                            .filter(c -> Holdout.has(c, "a", half) && Holdout.has(c, "b", half))
                            .count();

            assertThat(both).isBetween(2_300L, 2_700L);
        }

        @Test
        void aLargerHoldoutKeepsThoseOfASmallerOne() {
            assertThat(customers())
                    .allSatisfy(c ->
                            assertThat(Holdout.has(c, "a", BigDecimal.TEN))
                                    .isIn(false, Holdout.has(c, "a", BigDecimal.valueOf(20))));
        }

        private static Stream<CustomerId> customers() {
            return IntStream.range(0, 10_000)
                    .mapToObj(i -> CustomerId.of("019509a0-0000-7000-8000-%012x".formatted(i)));
        }
    }

    @Nested
    class Merging {

        private static final CustomerId SURVIVOR =
                CustomerId.of("019509a0-0000-7000-8000-000000000000");

        @Test
        void aSingleInstanceMovesToTheSurvivor() {
            Instance only = waiting(1, "2026-03-01T12:00:00Z");
            MergedInstances merged = Engine.merge(SURVIVOR, List.of(only), Stage.START);

            assertThat(merged.kept()).isEqualTo(only.of(SURVIVOR));
            assertThat(merged.left()).isNull();
            assertThat(merged.effects()).isEmpty();
        }

        @Test
        void theOneThatGotFurtherGoesOnAndTheOtherLeaves() {
            Instance older = waiting(1, "2026-03-01T12:00:00Z");
            Instance further = waiting(4, "2026-03-01T13:00:00Z");
            MergedInstances merged = Engine.merge(SURVIVOR, List.of(older, further), Stage.START);

            assertThat(merged.kept()).isEqualTo(further.of(SURVIVOR));
            assertThat(merged.left()).isEqualTo(older.of(SURVIVOR));
            assertThat(merged.effects()).hasSize(2).first().isEqualTo(new Effect.CancelTimers());
            assertThat(merged.effects().getLast())
                    .isInstanceOfSatisfying(
                            Effect.Publish.class,
                            publish ->
                                    assertThat(publish.decision())
                                            .isInstanceOfSatisfying(
                                                    DecisionEvent.Left.class,
                                                    left -> {
                                                        assertThat(left.customer())
                                                                .isEqualTo(SURVIVOR);
                                                        assertThat(left.reason())
                                                                .isEqualTo("merged");
                                                    }));
        }

        @Test
        void whereTheyAreLevelTheOlderGoesOn() {
            Instance older = waiting(2, "2026-03-01T12:00:00Z");
            Instance newer = waiting(2, "2026-03-01T13:00:00Z");

            assertThat(Engine.merge(SURVIVOR, List.of(newer, older), Stage.START).kept())
                    .isEqualTo(older.of(SURVIVOR));
        }

        private static Instance waiting(int progress, String enteredAt) {
            return new Instance(
                    UUID.nameUUIDFromBytes(new byte[] {(byte) progress}),
                    Stage.ANA,
                    "test",
                    3,
                    false,
                    new Waiting.ForTime("steps[0].wait", Stage.START),
                    progress,
                    Instant.parse(enteredAt),
                    new Instance.Trigger("t", "Start", Map.of()),
                    null);
        }
    }

    @Nested
    class Storing {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "steps: [ { wait: PT1H } ]",
                    "steps: [ { wait-for: { on: X, timeout: PT1H } } ]",
                    SEND,
                    BEST
                })
        void anInstanceReadsBackFromJsonAsItWas(String steps) throws Exception {
            Stage stage = Stage.steps(steps);
            stage.enter(stage.event("Start", Map.of("a", "b")), null);

            assertThat(
                            ContractJson.mapper()
                                    .readValue(
                                            ContractJson.mapper()
                                                    .writeValueAsString(stage.instance),
                                            Instance.class))
                    .isEqualTo(stage.instance);
        }

        @Test
        void anInstancesJsonKeepsItsFormat() throws Exception {
            Stage stage = Stage.steps(SEND);
            stage.enter(stage.event("Start", Map.of("a", "b")), null);
            stage.suppressed(SuppressionReason.QUIET_HOURS, HOUR);

            assertThat(ContractJson.mapper().writeValueAsString(stage.instance) + "\n")
                    .isEqualTo(Journeys.text("engine/instance.json"));
        }

        @Test
        void aTimerOfAnEarlierStepChangesNothing() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H }, { wait: PT1H } ]");
            stage.enter();
            String first = Objects.requireNonNull(stage.instance).waiting().timer();
            stage.after(HOUR);

            assertThat(stage.input(new Input.TimerFired(first))).isEmpty();
        }

        @Test
        void anInstanceDoesNotRunOnAnotherVersion() {
            Stage stage = Stage.steps("steps: [ { wait: PT1H } ]");
            stage.enter();
            Program other = Program.compile(stage.program.document(), 4);

            assertThatThrownBy(() ->
                            Engine.decide(
                                    other,
                                    Objects.requireNonNull(stage.instance),
                                    new Input.Stop("x"),
                                    stage.customer(),
                                    Peers.NONE,
                                    stage.now))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void aProgramNamesEveryEventThatMatters() {
            Stage stage = new Stage(Journeys.text("journeys/everything.yaml"));

            assertThat(stage.program.events())
                    .containsExactlyInAnyOrder(
                            "Order Completed",
                            "Order Cancelled",
                            "Account Closed",
                            "Review Left",
                            "Order Shipped");
        }
    }

    private static Input arrived(Stage stage, String name, Map<String, Object> properties) {
        return new Input.EventArrived(stage.event(name, properties));
    }
}
