package io.throughline.governance.rules;

import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.message.SuppressionReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found for one message before it is put into words. */
public sealed interface Outcome {

    /** One of the two ledgers has not been heard. */
    record Unknown() implements Outcome {}

    /**
     * What the rules say, the stop of the address apart.
     *
     * @param consent why consent refuses; absent where it does not
     * @param silentUntil when the silence ends that refuses; absent where none does
     * @param quiet the quiet hours that refuse; absent where none do
     * @param limits what each counted, in their order
     * @param tired what the limits are tightened for; absent where they are not
     * @param where the customer is, for what quiet hours will say later
     * @param extent whether it ends with the first rule that refuses
     */
    record Found(
            @Nullable SuppressionReason consent,
            @Nullable Instant silentUntil,
            @Nullable Quiet quiet,
            List<Filled> limits,
            Tightening.@Nullable Found tired,
            Whereabouts where,
            Extent extent)
            implements Outcome {

        /** Every rule lets it pass. */
        public static Found passed(List<Integer> counts, Tightening.@Nullable Found tired) {
            return new Found(
                    null, null, null, free(counts), tired, Whereabouts.UNKNOWN, Extent.ALL);
        }

        public static Found withoutConsent(SuppressionReason reason) {
            return first(reason, null, null, List.of(), null);
        }

        public static Found silenced(Instant until) {
            return first(null, until, null, List.of(), null);
        }

        public static Found quiet(Quiet quiet) {
            return first(null, null, quiet, List.of(), null);
        }

        /**
         * @param counts of the limits up to the one that refuses
         * @param opensAt when that one will let it pass; absent where never
         */
        public static Found full(
                List<Integer> counts, @Nullable Instant opensAt, Tightening.@Nullable Found tired) {
            List<Filled> limits = free(counts);
            limits.set(counts.size() - 1, new Filled(counts.getLast(), true, opensAt, false));
            return first(null, null, null, limits, tired);
        }

        private static Found first(
                @Nullable SuppressionReason consent,
                @Nullable Instant silentUntil,
                @Nullable Quiet quiet,
                List<Filled> limits,
                Tightening.@Nullable Found tired) {
            return new Found(
                    consent,
                    silentUntil,
                    quiet,
                    limits,
                    tired,
                    Whereabouts.UNKNOWN,
                    Extent.UP_TO_THE_FIRST);
        }

        private static List<Filled> free(List<Integer> counts) {
            List<Filled> limits = new ArrayList<>(counts.size());
            counts.forEach(count -> limits.add(new Filled(count, false, null, false)));
            return limits;
        }

        public boolean passes() {
            return consent == null
                    && silentUntil == null
                    && quiet == null
                    && limits.stream().noneMatch(Filled::full);
        }

        /** Of what refuses, only what refuses first. */
        public Found first() {
            if (consent != null) {
                return withoutConsent(consent);
            } else if (silentUntil != null) {
                return silenced(silentUntil);
            } else if (quiet != null) {
                return quiet(quiet);
            }
            for (int i = 0; i < limits.size(); i++) {
                if (limits.get(i).full()) {
                    return first(null, null, null, limits.subList(0, i + 1), tired);
                }
            }
            return this;
        }
    }

    /** How much was looked at. */
    enum Extent {
        ALL,
        UP_TO_THE_FIRST
    }

    /**
     * What a limit counted.
     *
     * @param full whether it refuses
     * @param opensAt when it will not any more; absent where it does not, or always will
     * @param awaited whether it would not refuse without what is only about to leave, as a ledger
     *     told
     */
    record Filled(int count, boolean full, @Nullable Instant opensAt, boolean awaited) {}

    /**
     * Quiet hours that are running.
     *
     * @param rule whose silence ends last, as it stands in verdicts
     * @param until first instant that is quiet by no rule; absent where there is none
     * @param where the whereabouts they went by, with the policy's own zone where none was known
     */
    record Quiet(String rule, @Nullable Instant until, Whereabouts where) {}
}
