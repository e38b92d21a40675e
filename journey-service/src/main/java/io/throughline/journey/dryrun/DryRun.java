package io.throughline.journey.dryrun;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.engine.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Plays recorded events to a draft journey, with the other active journeys running beside it, and
 * counts what it would have done. The decisions are those of {@code Engine}, the gate is the
 * in-memory twin, the clock is virtual, nothing is sent.
 *
 * <p>Use: {@code new DryRun(…)}, {@link #play} for every customer in any order, {@link #report}.
 * Not thread-safe; memory does not grow with the number of customers.
 */
public final class DryRun {

    private static final List<String> ASSUMPTIONS =
            List.of(
                    "Customers do exactly what they did; a message changes nothing in what they do"
                            + " later.",
                    "Profiles, addresses, scores, engagement, segments and consents are those of now, not"
                            + " those of then.",
                    "The gate begins empty: contacts from before the first event do not count.",
                    "A carrier takes every message at once that the gate lets pass.",
                    "Every template exists and can be rendered, and every channel has a route.",
                    "What follows the last event, such as the end of a wait, is played to its end.");

    private static final String OF_FATIGUE =
            "Nobody opens or clicks a message: a customer engages by what she did on the site or in the"
                    + " app, and by orders and conversions.";

    private final Program draft;
    private final List<Program> journeys;
    private final List<Program> paused;
    private final ContactPolicy policy;
    private final long seed;
    private final Tally tally;

    /**
     * The journeys beside the draft; one with its key is left out.
     *
     * @param active they send too
     * @param paused nobody goes on in them, and their conversions silence all the same
     */
    public record Others(List<Program> active, List<Program> paused) {

        private static List<Program> without(Program draft, List<Program> programs) {
            return programs.stream()
                    .filter(program -> !program.journey().equals(draft.journey()))
                    .toList();
        }
    }

    /** With no journey paused. */
    public DryRun(Program draft, List<Program> active, ContactPolicy policy, long seed) {
        this(draft, new Others(active, List.of()), policy, seed);
    }

    /**
     * @param draft the journey that is tried
     * @param seed of every random choice; with the same stories it gives the same report
     */
    public DryRun(Program draft, Others others, ContactPolicy policy, long seed) {
        this.draft = draft;
        this.journeys = byPriority(draft, Others.without(draft, others.active()));
        this.paused = Others.without(draft, others.paused());
        this.policy = policy;
        this.seed = seed;
        this.tally = new Tally(draft.journey());
    }

    /** Plays one customer's events, and what follows from them until every journey has ended. */
    public void play(CustomerStory story) {
        long ofStory = seed ^ story.customer().id().hashCode() * 0x9E3779B97F4A7C15L;
        new Playing(story, new Playing.Cast(journeys, paused), policy, ofStory, tally).toTheEnd();
    }

    /** What was counted so far. */
    public DryRunReport report() {
        List<String> assumptions = new ArrayList<>(ASSUMPTIONS);
        if (policy.fatigue() != null) {
            assumptions.add(OF_FATIGUE);
        }
        return tally.report(draft.document(), seed, policy.version(), List.copyOf(assumptions));
    }

    /** Where two journeys act on the same event, the more important one goes first. */
    private static List<Program> byPriority(Program draft, List<Program> others) {
        List<Program> all = new ArrayList<>(others);
        all.add(draft);
        all.sort(
                Comparator.<Program>comparingInt(program -> program.document().priority())
                        .reversed()
                        .thenComparing(Program::journey));
        return List.copyOf(all);
    }
}
