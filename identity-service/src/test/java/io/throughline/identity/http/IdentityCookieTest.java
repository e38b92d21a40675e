package io.throughline.identity.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.identity.http.IdentityConfiguration.CookieConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The identity cookie")
class IdentityCookieTest {

    private record Configured(String name, Duration maxAge, Optional<String> domain)
            implements CookieConfiguration {

        @Override
        public Optional<List<String>> origins() {
            return Optional.empty();
        }
    }

    @Test
    void belongsToThisHostAloneUnlessADomainIsNamed() {
        assertThat(cookie("__Host-tl_id", "P365D", null).give("id"))
                .isEqualTo(
                        "__Host-tl_id=id; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=Lax");
        assertThat(cookie("tl_id", "P30D", "shop.example").give("id"))
                .isEqualTo(
                        "tl_id=id; Max-Age=2592000; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax");
    }

    @ParameterizedTest
    @CsvSource({
        "'tl id',        P365D,              , name",
        "'tl;Domain=x',  P365D,              , name",
        "'',             P365D,              , name",
        "__Host-tl_id,   P365D, shop.example , name",
        "tl_id,          PT1H,               , max-age",
        "tl_id,          P401D,              , max-age",
        "tl_id,          P365D, .shop.example, domain",
        "tl_id,          P365D, localhost    , domain",
        "tl_id,          P365D, 'a.b; Secure', domain",
    })
    void isRefusedWhereABrowserWouldNotKeepIt(
            String name, String maxAge, @Nullable String domain, String setting) {
        assertThatThrownBy(() -> cookie(name, maxAge, domain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("throughline.identity.cookie." + setting);
    }

    private static IdentityCookie cookie(String name, String maxAge, @Nullable String domain) {
        return new IdentityCookie(
                new Configured(name, Duration.parse(maxAge), Optional.ofNullable(domain)),
                new Random(1));
    }
}
