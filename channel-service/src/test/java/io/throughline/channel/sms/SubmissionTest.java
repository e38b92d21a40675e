package io.throughline.channel.sms;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.route.HandOver;
import io.throughline.channel.sms.Submission.Next;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SubmissionTest {

    private static final HandOver OK = new HandOver.Accepted(List.of("id"));
    private static final HandOver NO = new HandOver.Refused("0x0B", "ESME_RINVDSTADR");
    private static final HandOver SLOW = new HandOver.Throttled(Duration.ofSeconds(2));
    private static final HandOver DOWN = new HandOver.NotTaken("down");
    private static final HandOver LOST = new HandOver.Unknown("no answer");

    static Stream<Arguments> stories() {
        return Stream.of(
                story(1, List.of(OK), new HandOver.Accepted(List.of("id"))),
                story(1, List.of(NO), NO),
                story(1, List.of(SLOW), SLOW),
                story(1, List.of(DOWN), DOWN),
                story(1, List.of(LOST), LOST),
                story(3, List.of(OK, OK, OK), new HandOver.Accepted(List.of("id", "id", "id"))),
                story(3, List.of(NO), NO),
                story(3, List.of(SLOW), SLOW),
                story(3, List.of(DOWN), DOWN),
                story(
                        3,
                        List.of(LOST, OK, OK),
                        unknown(2, 1, 0, "2 of 3 parts taken, 1 unanswered: no answer to a part")),
                story(
                        3,
                        List.of(OK, OK, LOST),
                        unknown(2, 1, 0, "2 of 3 parts taken, 1 unanswered: no answer")),
                story(
                        3,
                        List.of(LOST, LOST),
                        unknown(0, 2, 1, "0 of 3 parts taken, 2 unanswered: no answer")),
                story(
                        3,
                        List.of(OK, NO),
                        unknown(1, 0, 2, "1 of 3 parts taken, 0 unanswered: 0x0B ESME_RINVDSTADR")),
                story(2, List.of(OK, SLOW, DOWN, OK), new HandOver.Accepted(List.of("id", "id"))),
                story(
                        2,
                        List.of(LOST, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN),
                        unknown(0, 1, 1, "0 of 2 parts taken, 1 unanswered: down")),
                story(
                        2,
                        List.of(OK, SLOW, SLOW, SLOW, SLOW, SLOW, SLOW),
                        unknown(1, 0, 1, "1 of 2 parts taken, 0 unanswered: throttled")));
    }

    private static Arguments story(int parts, List<HandOver> answers, HandOver outcome) {
        return Arguments.of(parts, answers, outcome);
    }

    private static HandOver unknown(int taken, int unanswered, int unsent, String detail) {
        return new HandOver.Unknown(detail, Collections.nCopies(taken, "id"), unanswered, unsent);
    }

    @ParameterizedTest
    @MethodSource("stories")
    void theWholeIsToldFromTheAnswersToItsParts(
            int parts, List<HandOver> answers, HandOver outcome) {
        Submission submission = Submission.of(parts);
        for (HandOver answer : answers.subList(0, answers.size() - 1)) {
            submission = ((Next.Part) submission.after(answer)).then();
        }

        assertThat(submission.after(answers.getLast())).isEqualTo(new Next.End(outcome));
    }

    @Test
    void aTextThatIsStoppedIsNotTakenUnlessItHasBegun() {
        Submission begun = ((Next.Part) Submission.of(2).after(OK)).then();

        assertThat(Submission.of(2).stopped("why")).isEqualTo(new HandOver.NotTaken("why"));
        assertThat(begun.stopped("why"))
                .isEqualTo(unknown(1, 0, 1, "1 of 2 parts taken, 0 unanswered: why"));
    }

    @Test
    void aBegunTextWaitsLongerBeforeEachFurtherTry() {
        Submission begun = ((Next.Part) Submission.of(2).after(OK)).then();
        Next.Part second = (Next.Part) begun.after(DOWN);
        Next.Part third = (Next.Part) second.then().after(DOWN);

        assertThat(second.after()).isEqualTo(Duration.ofMillis(250));
        assertThat(third.after()).isEqualTo(Duration.ofMillis(500));
        assertThat(((Next.Part) begun.after(SLOW)).after()).isEqualTo(Duration.ofSeconds(2));
        assertThat(third.then().part()).isEqualTo(1);
    }

    @Test
    void whatMayHaveBeenTakenIsNeverSetFree() {
        List<HandOver> answers = List.of(OK, NO, SLOW, DOWN, LOST);
        for (long seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<HandOver> heard = new ArrayList<>();
            Next next = new Next.Part(Submission.of(1 + random.nextInt(4)), Duration.ZERO);
            while (next instanceof Next.Part(Submission then, Duration after)) {
                assertThat(after).isLessThanOrEqualTo(Duration.ofSeconds(8));
                HandOver answer = answers.get(random.nextInt(answers.size()));
                heard.add(answer);
                next = then.after(answer);
            }
            HandOver outcome = ((Next.End) next).outcome();
            boolean maybeTaken = heard.contains(OK) || heard.contains(LOST);
            boolean keepsItsCharge =
                    outcome instanceof HandOver.Accepted || outcome instanceof HandOver.Unknown;

            assertThat(keepsItsCharge)
                    .as("seed %d, answers %s, outcome %s", seed, heard, outcome)
                    .isEqualTo(maybeTaken);
            assertThat(outcome instanceof HandOver.Accepted)
                    .as("seed %d, answers %s, outcome %s", seed, heard, outcome)
                    .isEqualTo(
                            heard.contains(OK)
                                    && !heard.contains(LOST)
                                    && heard.getLast().equals(OK));
        }
    }
}
