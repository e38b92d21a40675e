package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeedTest {

    @Test
    void aCustomerHasTheSameNumberInAllHerIdentifiers() {
        assertThat(Seed.identifiers(42))
                .extracting(Object::toString)
                .containsExactly(
                        "user_id:seed-00000042",
                        "email:seed-00000042@example.com",
                        "anonymous_id:seed-device-00000042");
    }

    @Test
    void customersComeInTurnWithoutRepeating() {
        long customers = 10_000;
        assertThat(LongStream.range(0, customers).map(n -> ResolutionBenchmark.nth(n, customers)))
                .doesNotHaveDuplicates()
                .allMatch(n -> n >= 0 && n < customers);
    }
}
