package io.throughline.attribution.conversion;

import io.throughline.contracts.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What e-commerce events say of money, by the names of Segment's specification (version 2). */
final class Worth {

    /** ISO 4217's code for a transaction without a currency. */
    static final String NO_CURRENCY = "XXX";

    /** No order is worth this much; a number beyond it is a mistake, and is read as none. */
    private static final BigDecimal TOO_MUCH = new BigDecimal("1e12");

    private Worth() {}

    /**
     * Revenue is what the shop keeps, without tax and shipping; where it is not given, what comes
     * nearest.
     */
    static @Nullable BigDecimal of(Map<String, Object> properties) {
        return first(
                amount(properties, "revenue"),
                amount(properties, "subtotal"),
                net(properties),
                amount(properties, "total"),
                amount(properties, "value"));
    }

    /** What the customer paid. */
    static @Nullable BigDecimal gross(Map<String, Object> properties) {
        return amount(properties, "total");
    }

    /**
     * What a refund gives back: its total, else its products' prices; absent where neither is
     * given, which means all of it.
     */
    static @Nullable BigDecimal refunded(Map<String, Object> properties) {
        return first(amount(properties, "total"), products(properties.get("products")));
    }

    /** In the event's currency, in whole minor units of it; half a unit goes to the even one. */
    static Money money(BigDecimal amount, Map<String, Object> properties) {
        String currency = currency(properties.get("currency"));
        return new Money(amount.setScale(digits(currency), RoundingMode.HALF_EVEN), currency);
    }

    /** Reads a JSON number, or a string that is one: SDKs send both. */
    static @Nullable BigDecimal amount(@Nullable Object value) {
        Optional<BigDecimal> number =
                switch (value) {
                    case BigDecimal d -> Optional.of(d);
                    case Double d when Double.isFinite(d) -> Optional.of(BigDecimal.valueOf(d));
                    case Number n when !(n instanceof Double) -> parsed(n.toString());
                    case String s when s.length() <= 40 -> parsed(s.strip());
                    case null, default -> Optional.empty();
                };
        return number.filter(n -> n.signum() >= 0 && n.compareTo(TOO_MUCH) < 0).orElse(null);
    }

    private static @Nullable BigDecimal amount(Map<String, Object> properties, String name) {
        return amount(properties.get(name));
    }

    private static @Nullable BigDecimal net(Map<String, Object> properties) {
        BigDecimal total = amount(properties, "total");
        BigDecimal tax = amount(properties, "tax");
        BigDecimal shipping = amount(properties, "shipping");
        if (total == null || tax == null || shipping == null) {
            return null;
        }
        return total.subtract(tax).subtract(shipping).max(BigDecimal.ZERO);
    }

    private static @Nullable BigDecimal products(@Nullable Object products) {
        if (!(products instanceof List<?> list) || list.isEmpty()) {
            return null;
        }
        BigDecimal sum = BigDecimal.ZERO;
        for (Object item : list) {
            BigDecimal price = item instanceof Map<?, ?> p ? amount(p.get("price")) : null;
            if (price == null) {
                return null;
            }
            BigDecimal quantity = amount(((Map<?, ?>) item).get("quantity"));
            sum = sum.add(quantity == null ? price : price.multiply(quantity));
        }
        return sum;
    }

    private static String currency(@Nullable Object code) {
        if (!(code instanceof String text)) {
            return NO_CURRENCY;
        }
        try {
            return Currency.getInstance(text.strip().toUpperCase(Locale.ROOT)).getCurrencyCode();
        } catch (IllegalArgumentException e) {
            return NO_CURRENCY;
        }
    }

    private static int digits(String currency) {
        int digits = Currency.getInstance(currency).getDefaultFractionDigits();
        return digits < 0 ? 2 : digits;
    }

    private static Optional<BigDecimal> parsed(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            return Math.abs((long) number.scale()) > 400 ? Optional.empty() : Optional.of(number);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    @SafeVarargs
    private static <T> @Nullable T first(@Nullable T... candidates) {
        for (T candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        return null;
    }
}
