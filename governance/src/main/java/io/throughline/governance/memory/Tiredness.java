package io.throughline.governance.memory;

import io.throughline.contracts.Category;
import io.throughline.governance.GateRequest;
import io.throughline.governance.memory.Customer.Live;
import io.throughline.governance.rules.Rules;
import io.throughline.governance.rules.Tightening;
import io.throughline.governance.rules.Tightening.Found;
import io.throughline.governance.rules.Tightening.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a customer has had enough, at one instant and as it will wear off. */
final class Tiredness {

    private final Tightening by;
    private final long now;
    private final long engaged;
    private final long optedOut;

    /** When each contact was that she ignored, the oldest first. */
    private final List<Long> ignored;

    Tiredness(Live customer, GateRequest request, Rules rules, long now) {
        this.by = rules.tightening();
        this.now = now;
        this.engaged = customer.engaged;
        this.optedOut = by.isEmpty() ? 0 : customer.consents.lastOut();
        this.ignored =
                by.isEmpty()
                        ? List.of()
                        : customer.contacts.stream()
                                .filter(c -> c.mark().counts())
                                .filter(c -> c.category() != Category.TRANSACTIONAL)
                                .filter(c -> !rules.uncounted().contains(c.category()))
                                .filter(c -> !c.isOf(request.message(), request.channel()))
                                .map(Contact::at)
                                .filter(at -> at > customer.engaged)
                                .filter(at -> now < at + by.within().toMillis())
                                .sorted()
                                .toList();
    }

    /** The tightest stage that applies; absent where none does. */
    @Nullable Found found() {
        for (int i = 0; i < by.stages().size(); i++) {
            Stage stage = by.stages().get(i);
            if (endOf(stage) > now) {
                long at = stage.afterOptOut() == null ? engaged : optedOut;
                return new Found(i, ignored.size(), Instant.ofEpochMilli(at));
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
     * @param limit its place
     * @param plain what it allows whoever has not had enough
     * @param counted when each contact was that fills it, the oldest first
     */
    @Nullable Instant opensAt(int limit, int plain, List<Long> counted, long window) {
        long reached = now;
        long opens = Long.MAX_VALUE;
        for (int i = 0; i <= by.stages().size(); i++) {
            Stage stage = i < by.stages().size() ? by.stages().get(i) : null;
            int max = stage == null ? plain : stage.max().get(limit);
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
