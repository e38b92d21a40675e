package io.throughline.identity.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.identity.catalogue.NearDuplicates.Candidate;
import io.throughline.identity.catalogue.NearDuplicates.Difference;
import io.throughline.identity.catalogue.NearDuplicates.Duplicate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A name that is nearly another")
class NearDuplicatesTest {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "Order completed,        WRITING",
        "ORDER COMPLETED,        WRITING",
        "order_completed,        WRITING",
        "OrderCompleted,         WRITING",
        "Order  Completed!,      WRITING",
        "order-completed,        WRITING",
        "Completed Order,        VERSION",
        "completed order,        ORDER",
        "completedOrder,         ORDER",
        "Order Compelted,        SPELLING",
        "Order Complete,         SPELLING",
        "Orders Completed,       SPELLING",
        "Ordr Completed,         SPELLING",
        "Qrder Completed,        SPELLING",
        "Order Completed2,       ",
        "Order Cancelled,        ",
        "Order,                  ",
        "Something Else,         ",
    })
    void isFoundAndSaysHow(String name, Difference difference) {
        Map<String, Duplicate> found =
                NearDuplicates.among(
                        List.of(
                                new Candidate(name, false, 1_000),
                                new Candidate("Order Completed", true, 0)),
                        Map.of("Completed Order", "Order Completed"));
        assertThat(found.get(name))
                .isEqualTo(
                        difference == null ? null : new Duplicate("Order Completed", difference));
    }

    @Test
    void isTheOneThatComesLessOftenWhereNoSpecificationHasEither() {
        assertThat(
                        NearDuplicates.among(
                                List.of(
                                        new Candidate("quiz_done", false, 3),
                                        new Candidate("Quiz Done", false, 90)),
                                Map.of()))
                .containsExactly(
                        Map.entry("quiz_done", new Duplicate("Quiz Done", Difference.WRITING)));
    }

    @Test
    void isNeverOneOfASpecification() {
        List<Candidate> known = new ArrayList<>();
        for (Specification specification : Specification.all()) {
            specification.events().keySet().forEach(n -> known.add(new Candidate(n, true, 0)));
        }
        assertThat(NearDuplicates.among(known, Map.of())).isEmpty();
    }

    @Test
    void isNotFoundInShortNamesOrByItsFigures() {
        assertThat(
                        NearDuplicates.among(
                                List.of(
                                        new Candidate("Login", false, 2),
                                        new Candidate("Logon", false, 1),
                                        new Candidate("Step 1 Viewed", false, 2),
                                        new Candidate("Step 2 Viewed", false, 1)),
                                Map.of()))
                .isEmpty();
    }

    @Test
    @Timeout(10)
    void isFoundAmongAsManyAsTheCatalogueHolds() {
        List<Candidate> many = new ArrayList<>();
        for (int i = 0; i < Tally.MOST_NAMES; i++) {
            many.add(
                    new Candidate(
                            "Product " + Integer.toString(i * 7_919, 36) + " Viewed", false, i));
        }
        long start = System.nanoTime();
        NearDuplicates.among(many, Map.of());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
}
