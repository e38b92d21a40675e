package io.throughline.journey.profile;

import io.throughline.contracts.prediction.ScoresPredicted;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What models expect of a customer. Predictions may come in any order and again: of each name the
 * one made last counts, and of two made at one instant the higher, as identity takes it.
 *
 * @param since when the customer was last taken apart: what was predicted up to then is of a
 *     mixture and nobody's; absent where she never was
 */
public record Scores(Map<String, Score> byName, @Nullable Instant since) {

    public static final Scores NONE = new Scores(Map.of(), null);

    public Scores {
        byName = Collections.unmodifiableMap(new TreeMap<>(byName));
    }

    /**
     * @param value from 0 to 1
     * @param at when it was made
     */
    public record Score(double value, Instant at) {

        Score later(Score other) {
            int order = at.compareTo(other.at);
            return order > 0 || (order == 0 && value >= other.value) ? this : other;
        }
    }

    public Scores with(ScoresPredicted predicted) {
        Map<String, Score> all = new LinkedHashMap<>(byName);
        predicted
                .scores()
                .forEach((name, value) ->
                        all.merge(name, new Score(value, predicted.at()), Score::later));
        return new Scores(all, since).counting();
    }

    /** Of two customers who turned out to be one; taken apart when either last was. */
    Scores joinedWith(Scores merged) {
        Map<String, Score> all = new LinkedHashMap<>(byName);
        merged.byName.forEach((name, score) -> all.merge(name, score, Score::later));
        Scores joined = new Scores(all, since);
        return merged.since == null ? joined.counting() : joined.takenApart(merged.since);
    }

    Scores takenApart(Instant at) {
        return new Scores(byName, since == null || at.isAfter(since) ? at : since).counting();
    }

    Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        byName.forEach((name, score) -> values.put(name, score.value()));
        return values;
    }

    private Scores counting() {
        if (since == null) {
            return this;
        }
        Map<String, Score> counting = new LinkedHashMap<>(byName);
        counting.values().removeIf(score -> !score.at().isAfter(since));
        return new Scores(counting, since);
    }
}
