package io.throughline.contracts.prediction;

import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model expects of a customer. Of each score the one made last counts, whatever came last; a
 * score that is not named here stays what it was. After a merge the later of each name counts; once
 * somebody was taken apart, only what is predicted after that.
 *
 * <p>What breaks these rules cannot be made, and so not be read either.
 *
 * @param scores by name, each from 0 to 1; a name is written as conditions write it, as in {@code
 *     purchase_30d}
 * @param model which made them, as in {@code purchase-propensity}
 * @param version of the model
 * @param at when they were made
 */
public record ScoresPredicted(
        CustomerId customer, Map<String, Double> scores, String model, String version, Instant at)
        implements ContractEvent {

    /** How many scores one record may have. */
    public static final int MOST_SCORES = 50;

    /** How far a model's clock may be ahead of its readers'. */
    public static final Duration MOST_AHEAD = Duration.ofMinutes(5);

    private static final int LONGEST_TEXT = 100;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");

    /**
     * @throws IllegalArgumentException where a rule is broken, saying which
     */
    public ScoresPredicted {
        // A reader that lacks a field gives null for it, and says so itself.
        if (scores != null) {
            scores = checked(scores);
        }
        if (model != null) {
            checkText("model", model);
        }
        if (version != null) {
            checkText("version", version);
        }
        if (at != null) {
            // As databases keep it, so that it is compared everywhere with the same outcome.
            at = at.truncatedTo(ChronoUnit.MICROS);
        }
    }

    @Override
    public String partitionKey() {
        return customer.toString();
    }

    @Override
    public List<CustomerId> tellsOf() {
        return List.of(customer);
    }

    /**
     * Why a reader cannot take it as it came.
     *
     * @param key of the record, by which the log is compacted and an erasure finds it
     * @param now by the reader's clock: what is said to be made later than that would count until
     *     then, whatever is predicted meanwhile
     */
    public Optional<String> objection(@Nullable String key, Instant now) {
        if (!partitionKey().equals(key)) {
            return Optional.of("the record's key is not the customer's id");
        }
        return at.isAfter(now.plus(MOST_AHEAD))
                ? Optional.of("at is " + at + ", which is still to come")
                : Optional.empty();
    }

    private static Map<String, Double> checked(Map<String, Double> scores) {
        if (scores.isEmpty() || scores.size() > MOST_SCORES) {
            throw new IllegalArgumentException(
                    "scores has 1 to %d names, had %d".formatted(MOST_SCORES, scores.size()));
        }
        scores.forEach(ScoresPredicted::check);
        return Collections.unmodifiableMap(new TreeMap<>(scores));
    }

    private static void check(String name, @Nullable Double value) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of a score is up to 63 lower-case letters, digits and underscores"
                            + " and begins with a letter, was "
                            + beginning(name));
        }
        if (value == null || !(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    "a score is a number from 0 to 1, %s was %s".formatted(name, value));
        }
    }

    private static void checkText(String field, String text) {
        if (text.isBlank() || text.length() > LONGEST_TEXT || text.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "%s has 1 to %d characters".formatted(field, LONGEST_TEXT));
        }
    }

    private static String beginning(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }
}
