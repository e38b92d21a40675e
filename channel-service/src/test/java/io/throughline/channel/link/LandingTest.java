package io.throughline.channel.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The address that a link leads to")
class LandingTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "https://shop.example,            https://shop.example?tl=T",
        "https://shop.example/a,          https://shop.example/a?tl=T",
        "https://shop.example/a?,         https://shop.example/a?tl=T",
        "https://shop.example/a?b=1,      https://shop.example/a?b=1&tl=T",
        "https://shop.example/a?b=1&,     https://shop.example/a?b=1&tl=T",
        "https://shop.example/a#top,      https://shop.example/a?tl=T#top",
        "https://shop.example/a?b=1#c?d,  https://shop.example/a?b=1&tl=T#c?d",
    })
    void tellsItsPageTheToken(String url, String landing) {
        assertThat(new Landing(Optional.of("tl")).of(url, "T")).isEqualTo(landing);
    }

    @Test
    void isLeftAsItIsWhereNoParameterIsNamed() {
        assertThat(new Landing(Optional.empty()).of("https://shop.example/a", "T"))
                .isEqualTo("https://shop.example/a");
    }

    @Test
    void takesNoParameterThatWouldBreakIt() {
        assertThatThrownBy(() -> new Landing(Optional.of("a&b")))
                .hasMessageContaining("throughline.channel.link-parameter");
    }
}
