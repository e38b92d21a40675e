package io.throughline.attribution.credit;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Splits a whole number of units by weight without losing one: Hamilton's method of largest
 * remainders. Integer arithmetic throughout; rounding each part by itself would lose or invent a
 * cent on every third order.
 */
final class Apportionment {

    private Apportionment() {}

    /**
     * Splits an amount into parts of the same scale that add up to it. Of equal remainders the
     * earlier position gets the unit.
     *
     * @param amount negative ones are split like positive ones
     * @param weights none negative, at least one positive
     */
    static List<BigDecimal> split(BigDecimal amount, long[] weights) {
        BigInteger units = amount.unscaledValue();
        List<BigInteger> parts = split(units.abs(), weights);
        return parts.stream()
                .map(p -> new BigDecimal(units.signum() < 0 ? p.negate() : p, amount.scale()))
                .toList();
    }

    private static List<BigInteger> split(BigInteger units, long[] weights) {
        BigInteger sum =
                Arrays.stream(weights)
                        .mapToObj(BigInteger::valueOf)
                        .reduce(BigInteger.ZERO, BigInteger::add);
        if (sum.signum() <= 0 || Arrays.stream(weights).anyMatch(w -> w < 0)) {
            throw new IllegalArgumentException(
                    "weights are not negative and not all zero, were " + Arrays.toString(weights));
        }
        List<BigInteger> parts = new ArrayList<>(weights.length);
        List<BigInteger> remainders = new ArrayList<>(weights.length);
        BigInteger left = units;
        for (long weight : weights) {
            BigInteger[] quota = units.multiply(BigInteger.valueOf(weight)).divideAndRemainder(sum);
            parts.add(quota[0]);
            remainders.add(quota[1]);
            left = left.subtract(quota[0]);
        }
        IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparing(remainders::get, Comparator.reverseOrder()))
                .limit(left.longValueExact())
                .forEach(i -> parts.set(i, parts.get(i).add(BigInteger.ONE)));
        return parts;
    }
}
