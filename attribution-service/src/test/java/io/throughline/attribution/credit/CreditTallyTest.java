package io.throughline.attribution.credit;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CreditTallyTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @Test
    void everyTableOfEveryModelAddsUpToTheTotals() {
        for (long seed = 1; seed <= 50; seed++) {
            CreditTally tally = new CreditTally(CreditModel.all());
            Random random = new Random(seed);
            IntStream.range(0, 40).forEach(i -> tally.add(path(random)));

            CreditTally.Totals totals = tally.totals();
            for (CreditModel model : CreditModel.all()) {
                for (CreditTally.By by : CreditTally.By.values()) {
                    List<CreditTally.Line> lines = tally.lines(model, by);
                    assertThat(
                                    lines.stream()
                                            .map(CreditTally.Line::credit)
                                            .reduce(BigDecimal.ZERO, BigDecimal::add))
                            .as("seed %d, %s by %s", seed, model.word(), by.word())
                            .isEqualByComparingTo(BigDecimal.valueOf(totals.conversions()));
                    assertThat(added(lines))
                            .as("seed %d, %s by %s", seed, model.word(), by.word())
                            .isEqualTo(totals.value());
                }
            }
        }
    }

    @Test
    void whatNoTouchLedToIsNamedAsSuch() {
        CreditTally tally = new CreditTally(List.of(new CreditModel.Linear()));
        tally.add(new Path(conversion("10.00", "EUR"), List.of()));

        assertThat(tally.lines(new CreditModel.Linear(), CreditTally.By.CHANNEL))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.key()).isEqualTo("direct");
                    assertThat(line.attributed()).isFalse();
                    assertThat(line.value()).containsEntry("EUR", new BigDecimal("10.00"));
                });
        assertThat(tally.totals().direct()).isEqualTo(1);
    }

    @Test
    void currenciesAreNeverAddedTogether() {
        CreditTally tally = new CreditTally(List.of(new CreditModel.Last()));
        Touch touch = new Touch(new UUID(0, 1), NOON, "sms", "cart", "last-call");
        tally.add(new Path(conversion("10.00", "EUR"), List.of(touch)));
        tally.add(new Path(conversion("700", "JPY"), List.of(touch)));

        assertThat(tally.lines(new CreditModel.Last(), CreditTally.By.JOURNEY))
                .singleElement()
                .satisfies(line ->
                        assertThat(line.value())
                                .containsOnly(
                                        Map.entry("EUR", new BigDecimal("10.00")),
                                        Map.entry("JPY", new BigDecimal("700"))));
    }

    @Test
    void aChannelAssistsWhereAnotherIsTheLast() {
        CreditTally tally = new CreditTally(List.of());
        Touch email = new Touch(new UUID(0, 1), NOON.minusSeconds(60), "email", null, null);
        Touch sms = new Touch(new UUID(0, 2), NOON, "sms", null, null);
        tally.add(new Path(conversion("1.00", "EUR"), List.of(email, sms)));
        tally.add(new Path(conversion("1.00", "EUR"), List.of(email)));

        assertThat(tally.assists())
                .containsExactly(
                        new CreditTally.Assist("email", 2, 1, 1),
                        new CreditTally.Assist("sms", 1, 1, 0));
    }

    private static Map<String, BigDecimal> added(List<CreditTally.Line> lines) {
        Map<String, BigDecimal> sum = new HashMap<>();
        lines.forEach(line ->
                line.value()
                        .forEach((currency, amount) ->
                                sum.merge(currency, amount, BigDecimal::add)));
        return sum;
    }

    private static Path path(Random random) {
        List<String> channels = List.of("email", "sms", "web");
        return new Path(
                conversion(
                        BigDecimal.valueOf(random.nextInt(100_000), 2).toString(),
                        random.nextBoolean() ? "EUR" : "USD"),
                IntStream.range(0, random.nextInt(6))
                        .mapToObj(i ->
                                new Touch(
                                        new UUID(0, i),
                                        NOON.minusSeconds(random.nextInt(600_000)),
                                        channels.get(random.nextInt(3)),
                                        random.nextBoolean() ? "cart" : null,
                                        random.nextBoolean() ? "spring" : null))
                        .toList());
    }

    private static Conversion conversion(String amount, String currency) {
        return new Conversion(new UUID(1, 1), NOON, new Money(new BigDecimal(amount), currency));
    }
}
