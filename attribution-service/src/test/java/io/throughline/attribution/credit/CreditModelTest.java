package io.throughline.attribution.credit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.contracts.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CreditModelTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    /** Touches one half-life apart, the last at the conversion. */
    @ParameterizedTest(name = "{0} splits {1} over {2} touches as {3}")
    @CsvSource({
        "first,          100.00, 1, 100.00",
        "first,          100.00, 3, 100.00 0.00 0.00",
        "last,           100.00, 1, 100.00",
        "last,           100.00, 3, 0.00 0.00 100.00",
        "linear,         100.00, 1, 100.00",
        "linear,         100.00, 3, 33.34 33.33 33.33",
        "linear,           0.02, 3, 0.01 0.01 0.00",
        "linear,           1000, 3, 334 333 333",
        "linear,        -100.00, 3, -33.34 -33.33 -33.33",
        "time-decay,     100.00, 1, 100.00",
        "time-decay,     100.00, 2, 33.33 66.67",
        "time-decay,      70.00, 3, 10.00 20.00 40.00",
        "position-based, 100.00, 1, 100.00",
        "position-based, 100.00, 2, 50.00 50.00",
        "position-based,  52.11, 2, 26.06 26.05",
        "position-based, 100.00, 3, 40.00 20.00 40.00",
        "position-based, 100.00, 4, 40.00 10.00 10.00 40.00",
        "position-based, 100.00, 5, 40.00 6.67 6.67 6.66 40.00",
    })
    void aModelSplitsAValue(String model, String value, int touches, String expected) {
        Path path =
                new Path(
                        conversion(value),
                        IntStream.range(0, touches)
                                .mapToObj(i -> touch(i, NOON.minus(week(touches - 1 - i))))
                                .toList());

        assertThat(model(model).credit(path))
                .extracting(c -> String.valueOf(c.amount()))
                .containsExactly(expected.split(" "));
    }

    static Stream<Arguments> models() {
        return CreditModel.all().stream().map(Arguments::of);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void creditsAddUpToTheConversionAndToItsValueToTheLastUnit(CreditModel model) {
        for (long seed = 1; seed <= 500; seed++) {
            Random random = new Random(seed);
            Path path = path(random);
            List<Credit> credits = model.credit(path);

            assertThat(credits.stream().map(Credit::share).reduce(BigDecimal.ZERO, BigDecimal::add))
                    .as("seed %d", seed)
                    .isEqualByComparingTo("1");
            assertThat(
                            credits.stream()
                                    .map(c -> amount(c))
                                    .reduce(BigDecimal.ZERO, BigDecimal::add))
                    .as("seed %d", seed)
                    .isEqualByComparingTo(amount(path.conversion().value()));
            assertThat(credits).as("seed %d", seed).allMatch(c -> c.share().signum() >= 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void theOrderInWhichTouchesAreReadChangesNothing(CreditModel model) {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            Path path = path(random);
            List<Touch> shuffled = new ArrayList<>(path.touches());
            Collections.shuffle(shuffled, random);

            assertThat(model.credit(new Path(path.conversion(), shuffled)))
                    .as("seed %d", seed)
                    .isEqualTo(model.credit(path));
        }
    }

    @Test
    void touchesAtTheSameInstantStandInTheOrderOfTheirIds() {
        Path path = new Path(conversion("1.00"), List.of(touch(9, NOON), touch(3, NOON)));

        assertThat(new CreditModel.First().credit(path).getFirst().touch().id())
                .isEqualTo(new UUID(0, 3));
    }

    @Test
    void aTouchOfAnyAgeLeavesTheLatestItsShare() {
        Path path =
                new Path(
                        conversion("10.00"),
                        List.of(touch(1, Instant.EPOCH), touch(2, Instant.EPOCH.plusSeconds(1))));

        assertThat(new CreditModel.TimeDecay(Duration.ofMillis(1)).credit(path).getLast().amount())
                .isEqualByComparingTo("10.00");
    }

    @ParameterizedTest
    @MethodSource("models")
    void aConversionThatNothingLedToGivesNoCredit(CreditModel model) {
        assertThat(model.credit(new Path(conversion("5.00"), List.of()))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aConversionWithoutAValueStillGivesCredit(CreditModel model) {
        Path path = new Path(new Conversion(new UUID(1, 1), NOON, null), List.of(touch(1, NOON)));

        assertThat(model.credit(path).getFirst().share()).isEqualByComparingTo("1");
        assertThat(model.credit(path).getFirst().amount()).isNull();
    }

    @Test
    void aTouchAfterTheConversionIsRefused() {
        assertThatThrownBy(
                        () -> new Path(conversion("1.00"), List.of(touch(1, NOON.plusMillis(1)))))
                .hasMessageContaining("later than conversion");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "First", "shapley"})
    void aWordThatIsNoModelIsNotGuessed(String word) {
        assertThat(CreditModel.parse(word)).isEmpty();
    }

    private static Path path(Random random) {
        int touches = 1 + random.nextInt(12);
        int scale = random.nextInt(4);
        BigDecimal value = BigDecimal.valueOf(random.nextLong(-1_000_000, 10_000_000_000L), scale);
        return new Path(
                new Conversion(new UUID(7, 7), NOON, new Money(value, "EUR")),
                IntStream.range(0, touches)
                        .mapToObj(
                                i -> touch(i, NOON.minusSeconds(random.nextInt(5) * 40L * 86_400)))
                        .toList());
    }

    private static CreditModel model(String word) {
        return CreditModel.parse(word).orElseThrow();
    }

    private static BigDecimal amount(Credit credit) {
        BigDecimal amount = credit.amount();
        return amount == null ? BigDecimal.ZERO : amount;
    }

    private static BigDecimal amount(@Nullable Money money) {
        return money == null ? BigDecimal.ZERO : money.amount();
    }

    private static Conversion conversion(String value) {
        return new Conversion(new UUID(1, 1), NOON, new Money(new BigDecimal(value), "EUR"));
    }

    private static Touch touch(long id, Instant at) {
        return new Touch(new UUID(0, id), at, "email", null, null);
    }

    private static Duration week(long times) {
        return Duration.ofDays(7 * times);
    }
}
