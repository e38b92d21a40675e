package io.throughline.identity.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Pages of other origins")
class BrowserOriginsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://www.shop.example",
                "http://localhost:3000",
                "https://[::1]:8443",
            })
    void areNamedByTheirOrigin(String origin) {
        assertThat(BrowserOrigins.checked(List.of(origin))).containsExactly(origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "null",
                "www.shop.example",
                "https://*.shop.example",
                "https://www.shop.example/",
                "https://WWW.shop.example",
                "ftp://shop.example",
            })
    void areNotNamedByAnythingElse(String origin) {
        assertThatThrownBy(() -> BrowserOrigins.checked(List.of(origin)))
                .hasMessageContaining("throughline.identity.cookie.origins");
    }

    @ParameterizedTest
    @CsvSource({
        "rsa-new,                 true",
        "X-Anything,              true",
        "authorization,           false",
        "'bad header',            false",
        "'a\r\nset-cookie: b',    false",
    })
    void maySendTheHeadersThatTheyAskFor(String header, boolean isAdded) {
        String allowed = CrossOrigin.allowedHeaders("content-type, " + header);
        assertThat(allowed).startsWith("Authorization, Content-Type, ");
        assertThat(allowed.contains(", " + header.toLowerCase(java.util.Locale.ROOT)))
                .isEqualTo(isAdded);
    }

    @Test
    void whoAskForNothingMaySendTheKnownOnes() {
        assertThat(CrossOrigin.allowedHeaders(null)).contains("X-Retry-Count", "AnonymousId");
    }
}
