package io.throughline.identity.profile;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Completed orders. Sums do not mind the order in which they are added up.
 *
 * @param revenue by ISO 4217 code; an order without amount or currency counts and adds nothing
 */
public record Purchases(int orders, SortedMap<String, BigDecimal> revenue) {

    public static final Purchases NONE = new Purchases(0, new TreeMap<>());

    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

    /** The e-commerce spec's name and that of its first version, which is still met. */
    static boolean isOrder(@Nullable String event) {
        return "Order Completed".equals(event) || "Completed Order".equals(event);
    }

    Purchases plusOrder(Map<String, Object> properties) {
        BigDecimal amount = amount(properties);
        SortedMap<String, BigDecimal> sums = new TreeMap<>(revenue);
        if (amount != null
                && properties.get("currency") instanceof String currency
                && CURRENCY.matcher(currency.toUpperCase(Locale.ROOT)).matches()) {
            sums.merge(currency.toUpperCase(Locale.ROOT), amount, BigDecimal::add);
        }
        return new Purchases(orders + 1, sums);
    }

    Purchases plus(Purchases other) {
        SortedMap<String, BigDecimal> sums = new TreeMap<>(revenue);
        other.revenue.forEach((currency, amount) -> sums.merge(currency, amount, BigDecimal::add));
        return new Purchases(orders + other.orders, sums);
    }

    /** Revenue is without tax and shipping; where it was not sent, what comes closest. */
    private static @Nullable BigDecimal amount(Map<String, Object> properties) {
        BigDecimal revenue = decimal(properties.get("revenue"));
        if (revenue != null) {
            return revenue;
        }
        BigDecimal subtotal = decimal(properties.get("subtotal"));
        if (subtotal != null) {
            return subtotal;
        }
        BigDecimal total = decimal(properties.get("total"));
        return total == null
                ? null
                : total.subtract(orZero(properties.get("tax")))
                        .subtract(orZero(properties.get("shipping")));
    }

    private static BigDecimal orZero(@Nullable Object value) {
        BigDecimal decimal = decimal(value);
        return decimal == null ? BigDecimal.ZERO : decimal;
    }

    private static @Nullable BigDecimal decimal(@Nullable Object value) {
        try {
            return switch (value) {
                case BigDecimal d -> d;
                case Number n -> new BigDecimal(n.toString());
                case String s when s.length() <= 20 -> new BigDecimal(s.strip());
                case null, default -> null;
            };
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
