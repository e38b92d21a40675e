package io.throughline.channel.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebAddressTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "https://shop.example/cart https://shop.example/cart",
                "https://shop.example/list?colour=red|blue https://shop.example/list?colour=red%7Cblue",
                "https://shop.example/?q={a}^b\\c https://shop.example/?q=%7Ba%7D%5Eb%5Cc",
                "`https://shop.example/a b` https://shop.example/a%20b",
                "https://shop.example/caf\u00e9?x=\u20ac https://shop.example/caf%C3%A9?x=%E2%82%AC",
                "https://shop.example/%7C%zz?100% https://shop.example/%7C%25zz?100%25",
                "https://[2001:db8::1]/?a=1&b=~#top https://[2001:db8::1]/?a=1&b=~#top",
            })
    void whatMayNotStandInAnAddressIsEncoded(String written, String encoded) {
        assertThat(WebAddress.encoded(written)).isEqualTo(encoded);
        assertThat(URI.create(WebAddress.encoded(written))).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"a\\r\\nSet-Cookie: x, a%0D%0ASet-Cookie:%20x", "a\\0b, a%00b"})
    void noHeaderCanBeSmuggledIn(String written, String encoded) {
        String real = written.translateEscapes();
        assertThat(WebAddress.encoded(real)).isEqualTo(encoded);
    }
}
