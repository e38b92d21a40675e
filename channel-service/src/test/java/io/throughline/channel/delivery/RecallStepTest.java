package io.throughline.channel.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Receipt.Status;
import io.throughline.contracts.message.RecallOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecallStepTest {

    private static final Recallability.OnRequest CANCEL =
            new Recallability.OnRequest(
                    "cancel_sm", m -> Uni.createFrom().item(new RecallAnswer.GivenBack()));

    @ParameterizedTest
    @EnumSource(MessageState.class)
    void onlyWhatACarrierMayHoldIsAskedFor(MessageState state) {
        Part part =
                state == MessageState.FAILED ? new Part(Status.FAILED, "UNDELIV") : Part.UNHEARD;
        RecallStep step = RecallStep.of(held(state, Map.of("a", part)), CANCEL);

        assertThat(step instanceof RecallStep.Ask)
                .isEqualTo(EnumSet.of(MessageState.SENT, MessageState.UNKNOWN).contains(state));
    }

    @Test
    void anEmailCannotBeRecalledOnceTaken() {
        assertThat(
                        RecallStep.of(
                                held(MessageState.SENT, Map.of("a", Part.UNHEARD)),
                                new Recallability.Never("email cannot be recalled once taken")))
                .isEqualTo(
                        new RecallStep.Lost(
                                RecallOutcome.IMPOSSIBLE, "email cannot be recalled once taken"));
    }

    @Test
    void aTextOfWhichAPartWasDeliveredIsTooLateToRecall() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("a", new Part(Status.DELIVERED, "DELIVRD"));
        parts.put("b", Part.UNHEARD);

        assertThat(RecallStep.of(held(MessageState.SENT, parts), CANCEL))
                .isEqualTo(
                        new RecallStep.Lost(RecallOutcome.TOO_LATE, "a part of it was delivered"));
    }

    @Test
    void aPartThatIsBackIsNotAskedForAgain() {
        RecallStep step =
                RecallStep.after(
                        new RecallAnswer.Partly(List.of("a"), new RecallAnswer.NotNow("busy")),
                        "x",
                        1,
                        false);
        assertThat(step).isEqualTo(new RecallStep.Again(RecallStep.FIRST_PAUSE, false, "busy"));
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("a", Part.UNHEARD);
        parts.put("b", Part.UNHEARD);

        assertThat(RecallStep.of(held(MessageState.SENT, parts, Set.of("a")), CANCEL))
                .isEqualTo(new RecallStep.Ask(CANCEL, List.of("b")));
        assertThat(RecallStep.of(held(MessageState.SENT, parts, Set.of("a", "b")), CANCEL))
                .isEqualTo(new RecallStep.Done(CANCEL.means()));
    }

    /** The carrier's receipt for the part that is back makes the message one that failed. */
    @Test
    void whatIsLeftOfATextOfWhichAPartFailedIsAskedForToo() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("a", new Part(Status.FAILED, "DELETED"));
        parts.put("b", Part.UNHEARD);

        assertThat(RecallStep.of(held(MessageState.FAILED, parts), CANCEL))
                .isEqualTo(new RecallStep.Ask(CANCEL, List.of("b")));
        parts.put("b", new Part(Status.FAILED, "DELETED"));
        assertThat(RecallStep.of(held(MessageState.FAILED, parts), CANCEL))
                .isInstanceOf(RecallStep.Nothing.class);
    }

    @Test
    void whatIsNotHeldBackByWhatCameStaysWhereItIs() {
        assertThat(
                        RecallStep.of(
                                new RecallStep.Standing(
                                        MessageState.SENT,
                                        false,
                                        false,
                                        false,
                                        Map.of("a", Part.UNHEARD),
                                        Set.of(),
                                        true),
                                CANCEL))
                .isInstanceOf(RecallStep.Nothing.class);
    }

    @Test
    void whatASilenceKeptBackStaysWhereItIsOnceTheSilenceIsLifted() {
        assertThat(
                        RecallStep.of(
                                new RecallStep.Standing(
                                        MessageState.SENT,
                                        true,
                                        true,
                                        false,
                                        Map.of("a", Part.UNHEARD),
                                        Set.of(),
                                        true),
                                CANCEL))
                .isEqualTo(new RecallStep.Nothing("the silence was lifted"));
    }

    @Test
    void aPartWhoseIdIsUnknownMakesTheWholeUnknown() {
        assertThat(
                        RecallStep.of(
                                new RecallStep.Standing(
                                        MessageState.UNKNOWN,
                                        true,
                                        false,
                                        false,
                                        Map.of("a", Part.UNHEARD),
                                        Set.of(),
                                        false),
                                CANCEL))
                .isInstanceOfSatisfying(
                        RecallStep.Lost.class,
                        lost -> assertThat(lost.outcome()).isEqualTo(RecallOutcome.UNKNOWN));
    }

    @Test
    void aCarrierThatDoesNotAnswerIsAskedSomeTimesAndEachTimeLater() {
        List<Duration> pauses = new ArrayList<>();
        int tries = 1;
        RecallStep step = RecallStep.after(new RecallAnswer.Unanswered("?"), "x", tries, false);
        while (step instanceof RecallStep.Again(Duration after, boolean unanswered, String why)) {
            pauses.add(after);
            step = RecallStep.after(new RecallAnswer.NotNow(why), "x", ++tries, unanswered);
        }

        assertThat(tries).isEqualTo(RecallStep.MOST_TRIES);
        assertThat(pauses).isSorted().doesNotHaveDuplicates();
        assertThat(step).isEqualTo(new RecallStep.Lost(RecallOutcome.UNKNOWN, "?"));
    }

    @Test
    void afterATryWithoutAnswerTooLateMayMeanThatItIsBack() {
        RecallAnswer tooLate = new RecallAnswer.TooLate("0x11 ESME_RCANCELFAIL");

        assertThat(RecallStep.after(tooLate, "x", 1, false))
                .isEqualTo(new RecallStep.Lost(RecallOutcome.TOO_LATE, "0x11 ESME_RCANCELFAIL"));
        assertThat(RecallStep.after(tooLate, "x", 2, true))
                .isEqualTo(new RecallStep.Lost(RecallOutcome.UNKNOWN, "0x11 ESME_RCANCELFAIL"));
    }

    private static RecallStep.Standing held(MessageState state, Map<String, Part> parts) {
        return held(state, parts, Set.of());
    }

    private static RecallStep.Standing held(
            MessageState state, Map<String, Part> parts, Set<String> givenBack) {
        return new RecallStep.Standing(state, true, false, false, parts, givenBack, true);
    }
}
