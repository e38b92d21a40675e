package io.throughline.identity.profile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Completed orders. Sums do not mind the order in which they are added up.
 *
 * @param revenue by ISO 4217 code; an order without amount or currency counts and adds nothing
 * @param paid what averages are made of, by ISO 4217 code: the orders whose amounts are known one
 *     by one
 * @param firstOrderAt absent without orders, and where all of them were noted before this was
 * @param lastOrderAt absent as the first
 */
public record Purchases(
        int orders,
        SortedMap<String, BigDecimal> revenue,
        SortedMap<String, Paid> paid,
        @Nullable Instant firstOrderAt,
        @Nullable Instant lastOrderAt) {

    public static final Purchases NONE =
            new Purchases(0, new TreeMap<>(), new TreeMap<>(), null, null);

    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

    /** What no order comes to, and what is a gigabyte when it is added to something. */
    private static final int MAX_EXPONENT = 308;

    private static final int CENTS = 2;

    /** A sum and of how many orders. */
    public record Paid(BigDecimal sum, int orders) {

        Paid plus(Paid other) {
            return new Paid(sum.add(other.sum), orders + other.orders);
        }

        BigDecimal average() {
            return sum.divide(
                    BigDecimal.valueOf(orders),
                    Math.max(CENTS, sum.scale()),
                    RoundingMode.HALF_EVEN);
        }
    }

    /**
     * Reads what was stored, also before averages and dates were kept. Of revenue in one currency
     * it is taken that every order brought in some; with several nobody knows which order was in
     * which, so averages begin with the orders that come.
     */
    @JsonCreator
    static Purchases read(
            @JsonProperty("orders") int orders,
            @JsonProperty("revenue") SortedMap<String, BigDecimal> revenue,
            @JsonProperty("paid") @Nullable SortedMap<String, Paid> paid,
            @JsonProperty("firstOrderAt") @Nullable Instant firstOrderAt,
            @JsonProperty("lastOrderAt") @Nullable Instant lastOrderAt) {
        SortedMap<String, Paid> known = new TreeMap<>();
        if (paid != null) {
            known.putAll(paid);
        } else if (revenue.size() == 1 && orders > 0) {
            revenue.forEach((currency, sum) -> known.put(currency, new Paid(sum, orders)));
        }
        return new Purchases(orders, revenue, known, firstOrderAt, lastOrderAt);
    }

    /** The e-commerce spec's name and that of its first version, which is still met. */
    static boolean isOrder(@Nullable String event) {
        return "Order Completed".equals(event) || "Completed Order".equals(event);
    }

    Purchases plusOrder(Map<String, Object> properties, Instant at) {
        SortedMap<String, BigDecimal> sum = new TreeMap<>();
        SortedMap<String, Paid> paid = new TreeMap<>();
        amount(properties)
                .ifPresent(amount -> {
                    if (properties.get("currency") instanceof String said
                            && CURRENCY.matcher(said.toUpperCase(Locale.ROOT)).matches()) {
                        String currency = said.toUpperCase(Locale.ROOT);
                        sum.put(currency, amount);
                        paid.put(currency, new Paid(amount, 1));
                    }
                });
        return plus(new Purchases(1, sum, paid, at, at));
    }

    Purchases plus(Purchases other) {
        return new Purchases(
                orders + other.orders,
                joined(revenue, other.revenue, BigDecimal::add),
                joined(paid, other.paid, Paid::plus),
                earlier(firstOrderAt, other.firstOrderAt),
                later(lastOrderAt, other.lastOrderAt));
    }

    /** What an order comes to, by ISO 4217 code, rounded half to even. */
    public SortedMap<String, BigDecimal> averageOrderValue() {
        SortedMap<String, BigDecimal> averages = new TreeMap<>();
        paid.forEach((currency, known) -> averages.put(currency, known.average()));
        return averages;
    }

    /**
     * What an order says it came to, without tax and shipping; where that was not sent, what comes
     * closest.
     */
    public static Optional<BigDecimal> amount(Map<String, Object> properties) {
        return decimal(properties.get("revenue"))
                .or(() -> decimal(properties.get("subtotal")))
                .or(() ->
                        decimal(properties.get("total"))
                                .map(total ->
                                        total.subtract(orZero(properties.get("tax")))
                                                .subtract(orZero(properties.get("shipping")))));
    }

    private static <V> SortedMap<String, V> joined(
            SortedMap<String, V> a, SortedMap<String, V> b, BinaryOperator<V> sum) {
        SortedMap<String, V> joined = new TreeMap<>(a);
        b.forEach((key, value) -> joined.merge(key, value, sum));
        return joined;
    }

    private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isAfter(a)) ? b : a;
    }

    private static BigDecimal orZero(@Nullable Object value) {
        return decimal(value).orElse(BigDecimal.ZERO);
    }

    private static Optional<BigDecimal> decimal(@Nullable Object value) {
        try {
            return Optional.<BigDecimal>ofNullable(
                            switch (value) {
                                case BigDecimal d -> d;
                                case Number n -> new BigDecimal(n.toString());
                                case String s when s.length() <= 20 -> new BigDecimal(s.strip());
                                case null, default -> null;
                            })
                    .filter(Purchases::isAmount)
                    .map(amount -> amount.signum() == 0 ? BigDecimal.ZERO : amount);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean isAmount(BigDecimal number) {
        long exponent = (long) number.precision() - number.scale();
        return number.signum() == 0 || Math.abs(exponent) <= MAX_EXPONENT;
    }
}
