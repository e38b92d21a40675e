package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.NearlyLeft;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How limits tighten for a customer who has had enough. With time alone they only loosen: contacts
 * and an opt-out leave their windows, and nothing enters them.
 *
 * @param stages the tightest first; the first that applies is the one that holds
 * @param within how long a contact can be one that was ignored
 */
public record Tightening(List<Stage> stages, Duration within) {

    static final Tightening NONE = new Tightening(List.of(), Duration.ZERO);

    /**
     * @param share of a cap
     * @param ignored so many contacts since the customer last engaged; zero where an opt-out is why
     * @param afterOptOut so long after one of anything; absent where contacts are why
     * @param max what each limit allows, in the order of the limits
     */
    public record Stage(
            BigDecimal share, int ignored, @Nullable Duration afterOptOut, List<Integer> max) {}

    /**
     * What a customer is found to be.
     *
     * @param stage its place among the stages
     * @param ignored contacts since she last engaged; 0 where an opt-out is why
     * @param at when she last engaged, or opted out where that is why; the epoch where she never
     *     did
     */
    public record Found(int stage, int ignored, Instant at) {}

    static Tightening of(ContactPolicy policy, Category category, List<Limit> limits) {
        Fatigue fatigue = policy.fatigue();
        boolean caps = limits.stream().anyMatch(Limit::isCap);
        if (fatigue == null || category == Category.TRANSACTIONAL || !caps) {
            return NONE;
        }
        List<Stage> stages = new ArrayList<>();
        NearlyLeft nearly = fatigue.nearlyLeft();
        if (nearly != null) {
            stages.add(
                    new Stage(
                            nearly.share(),
                            0,
                            nearly.within(),
                            max(fatigue, nearly.share(), limits)));
        }
        fatigue.steps()
                .forEach(step ->
                        stages.add(
                                new Stage(
                                        step.share(),
                                        step.ignored(),
                                        null,
                                        max(fatigue, step.share(), limits))));
        stages.sort(Comparator.comparing(Stage::share));
        return new Tightening(List.copyOf(stages), policy.fatigueWindow());
    }

    private static List<Integer> max(Fatigue fatigue, BigDecimal share, List<Limit> limits) {
        return limits.stream()
                .map(limit -> limit.isCap() ? fatigue.tightened(limit.max(), share) : limit.max())
                .collect(Collectors.toUnmodifiableList());
    }

    public boolean isEmpty() {
        return stages.isEmpty();
    }
}
