package io.throughline.attribution.credit;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the credit of many conversions, under every model at once. What is added up by channel,
 * by journey and by campaign comes each time to all conversions and all of their value, because
 * what no touch led to is counted as {@link #DIRECT}.
 *
 * <p>Memory grows with the number of different campaigns, not with that of conversions. Not
 * thread-safe.
 */
public final class CreditTally {

    /** Stands for conversions without any touch in the look-back. */
    public static final String DIRECT = "direct";

    /** Stands for touches that belong to no journey, or to no campaign. */
    public static final String NONE = "none";

    private final Map<CreditModel, Tables> tables = new LinkedHashMap<>();
    private final Map<String, Part> assists = new TreeMap<>();
    private final Sum all = new Sum();
    private long direct;
    private long reversed;

    /** By what credit is added up. */
    public enum By {
        CHANNEL,
        JOURNEY,
        CAMPAIGN;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Key keyOf(Touch touch) {
            String name =
                    switch (this) {
                        case CHANNEL -> touch.channel();
                        case JOURNEY -> touch.journey();
                        case CAMPAIGN -> touch.campaign();
                    };
            return new Key(name == null ? NONE : name, true);
        }
    }

    /**
     * A line of a table.
     *
     * @param attributed false for what no touch led to
     * @param conversions in which it had a part, however small
     * @param credit shares of conversions, added up
     * @param value by currency
     */
    public record Line(
            String key,
            boolean attributed,
            long conversions,
            BigDecimal credit,
            Map<String, BigDecimal> value) {}

    /**
     * A channel's part in conversions, whoever gets the credit.
     *
     * @param touched conversions with at least one touch of it
     * @param last those in which it was the last touch
     * @param assisted those in which it took part and another channel was the last
     */
    public record Assist(String channel, long touched, long last, long assisted) {}

    /**
     * Everything that was added.
     *
     * @param value by currency
     * @param reversed conversions taken back whole, which count nowhere else
     * @param direct those without any touch
     */
    public record Totals(
            long conversions, Map<String, BigDecimal> value, long direct, long reversed) {}

    private record Key(String name, boolean attributed) {}

    private static final class Sum {
        private long conversions;
        private BigDecimal credit = new BigDecimal("0.000000");
        private final Map<String, BigDecimal> value = new TreeMap<>();

        private void add(BigDecimal share, @Nullable BigDecimal amount, String currency) {
            credit = credit.add(share);
            if (amount != null) {
                value.merge(currency, amount, BigDecimal::add);
            }
        }
    }

    private static final class Part {
        private long touched;
        private long last;
    }

    private static final class Tables {
        private final Map<By, Map<Key, Sum>> byDimension = new LinkedHashMap<>();

        private Sum line(By by, Key key) {
            return byDimension
                    .computeIfAbsent(by, b -> new LinkedHashMap<>())
                    .computeIfAbsent(key, k -> new Sum());
        }
    }

    public CreditTally(List<CreditModel> models) {
        models.forEach(model -> tables.put(model, new Tables()));
    }

    /** Adds a conversion that stands. */
    public void add(Path path) {
        Conversion conversion = path.conversion();
        String currency = conversion.value() == null ? "" : conversion.value().currency();
        BigDecimal amount = conversion.value() == null ? null : conversion.value().amount();
        all.conversions++;
        all.add(CreditModel.WHOLE, amount, currency);
        if (path.touches().isEmpty()) {
            direct++;
        }
        noteAssists(path);
        tables.forEach((model, table) -> {
            List<Credit> credits = model.credit(path);
            for (By by : By.values()) {
                if (path.touches().isEmpty()) {
                    Sum line = table.line(by, new Key(DIRECT, false));
                    line.conversions++;
                    line.add(CreditModel.WHOLE, amount, currency);
                } else {
                    split(credits, by, table, currency);
                }
            }
        });
    }

    /** Counts a conversion that was taken back whole. */
    public void addReversed() {
        reversed++;
    }

    public Totals totals() {
        return new Totals(all.conversions, Map.copyOf(all.value), direct, reversed);
    }

    /** The lines of a model's table, the most credit first. */
    public List<Line> lines(CreditModel model, By by) {
        Tables table = tables.get(model);
        if (table == null) {
            throw new IllegalArgumentException(model.word() + " was not added up");
        }
        return table.byDimension.getOrDefault(by, Map.of()).entrySet().stream()
                .map(e ->
                        new Line(
                                e.getKey().name(),
                                e.getKey().attributed(),
                                e.getValue().conversions,
                                e.getValue().credit,
                                e.getValue().value))
                .sorted(
                        Comparator.comparing(Line::credit, Comparator.reverseOrder())
                                .thenComparing(Line::key))
                .toList();
    }

    public List<CreditModel> models() {
        return List.copyOf(tables.keySet());
    }

    /** By channel. */
    public List<Assist> assists() {
        return assists.entrySet().stream()
                .map(e ->
                        new Assist(
                                e.getKey(),
                                e.getValue().touched,
                                e.getValue().last,
                                e.getValue().touched - e.getValue().last))
                .toList();
    }

    private static void split(List<Credit> credits, By by, Tables table, String currency) {
        Set<Key> counted = new HashSet<>();
        for (Credit credit : credits) {
            Key key = by.keyOf(credit.touch());
            boolean part = credit.share().signum() > 0;
            if (!part && (credit.amount() == null || credit.amount().signum() == 0)) {
                continue;
            }
            Sum line = table.line(by, key);
            if (counted.add(key)) {
                line.conversions++;
            }
            line.add(credit.share(), credit.amount(), currency);
        }
    }

    private void noteAssists(Path path) {
        path.touches().stream()
                .map(Touch::channel)
                .distinct()
                .forEach(c -> assists.computeIfAbsent(c, k -> new Part()).touched++);
        if (!path.touches().isEmpty()) {
            String last = path.touches().getLast().channel();
            assists.computeIfAbsent(last, k -> new Part()).last++;
        }
    }
}
