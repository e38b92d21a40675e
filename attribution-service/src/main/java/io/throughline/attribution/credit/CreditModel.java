package io.throughline.attribution.credit;

import io.throughline.contracts.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A rule by which touches share a conversion. The five are conventions, not measurements: what
 * messages caused is what the lift report says.
 */
public sealed interface CreditModel {

    /** As it stands in requests and reports. */
    String word();

    /** Whole-number weights of a path's touches, in their order; the path is not empty. */
    long[] weights(Path path);

    /** The first touch gets all of it. */
    record First() implements CreditModel {
        @Override
        public String word() {
            return "first";
        }

        @Override
        public long[] weights(Path path) {
            return all(path, 0);
        }
    }

    /** The last touch gets all of it. */
    record Last() implements CreditModel {
        @Override
        public String word() {
            return "last";
        }

        @Override
        public long[] weights(Path path) {
            return all(path, path.touches().size() - 1);
        }
    }

    /** Every touch gets the same. */
    record Linear() implements CreditModel {
        @Override
        public String word() {
            return "linear";
        }

        @Override
        public long[] weights(Path path) {
            long[] weights = new long[path.touches().size()];
            Arrays.fill(weights, 1);
            return weights;
        }
    }

    /**
     * A touch that is one half-life older gets half as much.
     *
     * @param halfLife longer than nothing
     */
    record TimeDecay(Duration halfLife) implements CreditModel {

        public static final Duration WEEK = Duration.ofDays(7);

        public TimeDecay {
            if (halfLife.isNegative() || halfLife.isZero()) {
                throw new IllegalArgumentException(
                        "a half-life is longer than nothing, was " + halfLife);
            }
        }

        @Override
        public String word() {
            return "time-decay";
        }

        /**
         * {@code 2^(−age/half-life)} scaled so that the latest touch weighs 2^52: ages count from
         * the latest touch, which changes no proportion and keeps the weights from all becoming
         * zero.
         */
        @Override
        public long[] weights(Path path) {
            Touch latest = path.touches().getLast();
            return path.touches().stream()
                    .mapToLong(t -> {
                        double halvings =
                                seconds(Duration.between(t.at(), latest.at())) / seconds(halfLife);
                        return Math.round(Math.scalb(Math.pow(2, -halvings), 52));
                    })
                    .toArray();
        }

        private static double seconds(Duration duration) {
            return duration.getSeconds() + duration.getNano() / 1e9;
        }
    }

    /** 40 % to the first, 40 % to the last, 20 % over those between; two share evenly. */
    record PositionBased() implements CreditModel {
        @Override
        public String word() {
            return "position-based";
        }

        @Override
        public long[] weights(Path path) {
            int n = path.touches().size();
            long[] weights = new long[n];
            Arrays.fill(weights, 1);
            if (n > 2) {
                weights[0] = 2L * (n - 2);
                weights[n - 1] = 2L * (n - 2);
            }
            return weights;
        }
    }

    /** The five, with their usual parameters, in the order in which reports show them. */
    static List<CreditModel> all() {
        return List.of(
                new First(),
                new Last(),
                new Linear(),
                new TimeDecay(TimeDecay.WEEK),
                new PositionBased());
    }

    static Optional<CreditModel> parse(String word) {
        return all().stream().filter(m -> m.word().equals(word)).findFirst();
    }

    /**
     * The path's touches with their parts, in the path's order; empty for an empty path. Shares add
     * up to one and amounts to the conversion's value, to the last unit.
     */
    default List<Credit> credit(Path path) {
        if (path.touches().isEmpty()) {
            return List.of();
        }
        long[] weights = weights(path);
        List<BigDecimal> shares = Apportionment.split(WHOLE, weights);
        Money value = path.conversion().value();
        List<BigDecimal> amounts =
                value == null ? List.of() : Apportionment.split(value.amount(), weights);
        List<Credit> credits = new ArrayList<>(weights.length);
        for (int i = 0; i < weights.length; i++) {
            credits.add(
                    new Credit(
                            path.touches().get(i),
                            shares.get(i),
                            value == null ? null : amounts.get(i)));
        }
        return credits;
    }

    /** One conversion, in millionths. */
    BigDecimal WHOLE = new BigDecimal("1.000000");

    private static long[] all(Path path, int position) {
        long[] weights = new long[path.touches().size()];
        weights[position] = 1;
        return weights;
    }
}
