package io.throughline.channel.sms;

import io.throughline.channel.route.HandOver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One text on its way, part after part, and what can be said of the whole.
 *
 * <p>Until a part may have been taken, what is said of the first part is said of the whole. From
 * then on the text has begun to reach somebody, and the whole is never again "not taken" or
 * "refused", which would set it free to be sent once more:
 *
 * <table>
 *   <caption>What follows from the answer to a part</caption>
 *   <tr><th>answer</th><th>nothing taken yet</th><th>begun</th></tr>
 *   <tr><td>accepted</td><td>next part</td><td>next part; after the last, accepted if all were,
 *       else unknown</td></tr>
 *   <tr><td>unknown</td><td>next part: mostly only the answer was lost, and a text without its
 *       other parts is of use to nobody</td><td>the same; at the second unknown, the end:
 *       unknown</td></tr>
 *   <tr><td>throttled, not taken</td><td>the end: the same</td><td>the same part again after a
 *       pause; after {@value #TRIES} times in all, the end: unknown</td></tr>
 *   <tr><td>refused</td><td>the end: refused</td><td>the end: unknown</td></tr>
 * </table>
 *
 * @param total how many parts there are
 * @param ids the carrier's, of the parts that were taken
 * @param unanswered parts of which nothing certain is known
 * @param tries how often the part now under way was tried in vain
 */
public record Submission(int total, List<String> ids, int unanswered, int tries) {

    private static final int TRIES = 6;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    public Submission {
        ids = List.copyOf(ids);
    }

    public static Submission of(int total) {
        return new Submission(total, List.of(), 0, 0);
    }

    /** What to do next. */
    public sealed interface Next {

        /**
         * Submit the part {@link Submission#part()} of this.
         *
         * @param after not before this has passed; zero but for another try
         */
        record Part(Submission then, Duration after) implements Next {}

        record End(HandOver outcome) implements Next {}
    }

    /** The part under way, from 0. */
    public int part() {
        return ids.size() + unanswered;
    }

    private boolean begun() {
        return part() > 0;
    }

    /**
     * @param answer to the part under way; {@link HandOver.Accepted} with its one id
     */
    public Next after(HandOver answer) {
        return switch (answer) {
            case HandOver.Accepted(List<String> id) -> onwards(taken(id), "no answer to a part");
            case HandOver.Unknown unknown when unanswered == 0 ->
                    onwards(new Submission(total, ids, 1, 0), unknown.detail());
            case HandOver.Unknown unknown ->
                    new Submission(total, ids, unanswered + 1, 0).ended(unknown.detail());
            case HandOver.Throttled(Duration after) when begun() -> again(after, "throttled");
            case HandOver.NotTaken(String detail) when begun() ->
                    again(FIRST_PAUSE.multipliedBy(1L << tries), detail);
            case HandOver.Refused(String code, String detail) when begun() ->
                    ended(code + " " + detail);
            case HandOver.Throttled throttled -> new Next.End(throttled);
            case HandOver.NotTaken notTaken -> new Next.End(notTaken);
            case HandOver.Refused refused -> new Next.End(refused);
        };
    }

    /** What can be said where the part under way is not submitted any more. */
    public HandOver stopped(String why) {
        return begun() ? ended(why).outcome() : new HandOver.NotTaken(why);
    }

    private Submission taken(List<String> id) {
        List<String> more = new ArrayList<>(ids);
        more.addAll(id);
        return new Submission(total, more, unanswered, 0);
    }

    private static Next onwards(Submission then, String doubt) {
        if (then.part() < then.total) {
            return new Next.Part(then, Duration.ZERO);
        }
        return then.unanswered == 0
                ? new Next.End(new HandOver.Accepted(then.ids))
                : then.ended(doubt);
    }

    private Next again(Duration after, String detail) {
        return tries + 1 < TRIES
                ? new Next.Part(new Submission(total, ids, unanswered, tries + 1), after)
                : ended(detail);
    }

    private Next.End ended(String why) {
        String detail =
                total == 1
                        ? why
                        : "%d of %d parts taken, %d unanswered: %s"
                                .formatted(ids.size(), total, unanswered, why);
        return new Next.End(new HandOver.Unknown(detail, ids, unanswered, total - part()));
    }
}
