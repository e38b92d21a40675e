package io.throughline.identity.identifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("An anonymous id")
class AnonymousIdTest {

    @Test
    void thatIsMintedCannotBeGuessed() {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            assertThat(AnonymousId.isUnguessable(AnonymousId.mint(random))).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5f0c2d4e-0b1f-4c53-9a77-3f1f6f0c9b21, true",
        "5F0C2D4E-0B1F-4C53-9A77-3F1F6F0C9B21, true",
        "5f0c2d4e-0b1f-1c53-9a77-3f1f6f0c9b21, false",
        "5f0c2d4e-0b1f-4c53-1a77-3f1f6f0c9b21, false",
        "00000000-0000-4000-8000-000000000000, false",
        "ana@example.com,                      false",
        "1,                                    false",
        "'',                                   false",
    })
    void isOneOfOursOnlyWhereItIsRandom(String text, boolean unguessable) {
        assertThat(AnonymousId.isUnguessable(text)).isEqualTo(unguessable);
    }
}
