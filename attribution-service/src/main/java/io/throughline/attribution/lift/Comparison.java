package io.throughline.attribution.lift;

import org.jspecify.annotations.Nullable;

/**
 * Treated minus held out.
 *
 * @param interval of the difference; absent where the data cannot give one
 * @param pValue two-sided, of the hypothesis that there is no difference; absent likewise
 * @param relative treated over held out, minus one; absent where the held-out mean is not positive
 * @param relativeInterval absent where either mean is not positive or a variance is undefined
 * @param method how interval and p-value were computed
 */
public record Comparison(
        double difference,
        @Nullable Interval interval,
        @Nullable Double pValue,
        @Nullable Double relative,
        @Nullable Interval relativeInterval,
        Method method) {

    /** How an interval was computed. */
    public enum Method {
        /** Normal approximation, each arm with its own variance. */
        WALD("two-proportion, normal approximation"),
        /** Newcombe's hybrid of Wilson scores, and Fisher's exact test. */
        EXACT("Newcombe interval, Fisher exact test"),
        /** Welch's t, with the degrees of freedom of Welch and Satterthwaite. */
        WELCH("Welch t");

        private final String word;

        Method(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }
}
