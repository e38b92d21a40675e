package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.governance.GateRequest;
import io.throughline.governance.rules.Tightening.Found;
import io.throughline.governance.rules.Tightening.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How far a customer has had enough, at one instant and as it will wear off. */
final class Tiredness {

    private final Tightening by;
    private final long now;
    private final long engaged;
    private final long optedOut;

    /** When each contact was that she ignored, the oldest first. */
    private final List<Long> ignored;

    Tiredness(CustomerFacts facts, GateRequest request, Rules rules, long now) {
        this.by = rules.tightening();
        this.now = now;
        this.engaged = by.isEmpty() ? 0 : facts.engaged();
        this.optedOut = by.isEmpty() ? 0 : facts.lastOptOut();
        this.ignored =
                by.isEmpty()
                        ? List.of()
                        : facts.contacts(uncountedWith(rules), request).stream()
                                .filter(at -> at > engaged)
                                .filter(at -> now < at + by.within().toMillis())
                                .sorted()
                                .toList();
    }

    /** What is asked for is nothing that wears anybody out. */
    private static Set<Category> uncountedWith(Rules rules) {
        Set<Category> uncounted = EnumSet.of(Category.TRANSACTIONAL);
        uncounted.addAll(rules.uncounted());
        return uncounted;
    }

    /** The tightest stage that applies; absent where none does. */
    @Nullable Found found() {
        for (int i = 0; i < by.stages().size(); i++) {
            Stage stage = by.stages().get(i);
            if (endOf(stage) > now) {
                return stage.afterOptOut() == null
                        ? new Found(i, ignored.size(), Instant.ofEpochMilli(engaged))
                        : new Found(i, 0, Instant.ofEpochMilli(optedOut));
            }
        }
        return null;
    }

    /** First instant at which a stage applies no more, if nothing happens but time. */
    private long endOf(Stage stage) {
        Duration afterOptOut = stage.afterOptOut();
        if (afterOptOut != null) {
            return optedOut == 0 ? now : optedOut + afterOptOut.toMillis();
        }
        return ignored.size() < stage.ignored()
                ? now
                : ignored.get(ignored.size() - stage.ignored()) + by.within().toMillis();
    }

    /**
     * When a limit lets a message pass: as soon as a stage is reached that allows enough, which is
     * when all tighter ones have ended. Absent where none ever does.
     *
     * @param place of the limit
     * @param filling when each contact was that fills it, in any order
     */
    @Nullable Instant opensAt(int place, Limit limit, List<Long> filling) {
        List<Long> counted = filling.stream().sorted().toList();
        long window = limit.window().toMillis();
        long reached = now;
        long opens = Long.MAX_VALUE;
        for (int i = 0; i <= by.stages().size(); i++) {
            Stage stage = i < by.stages().size() ? by.stages().get(i) : null;
            int max = stage == null ? limit.max() : stage.max().get(place);
            if (max > counted.size()) {
                opens = Math.min(opens, reached);
            } else if (max > 0) {
                opens =
                        Math.min(
                                opens,
                                Math.max(reached, counted.get(counted.size() - max) + window));
            }
            reached = stage == null ? reached : Math.max(reached, endOf(stage));
        }
        return opens == Long.MAX_VALUE ? null : Instant.ofEpochMilli(opens);
    }
}
