package io.throughline.identity.http;

import io.quarkus.runtime.StartupEvent;
import io.throughline.identity.http.IdentityConfiguration.CookieConfiguration;
import io.throughline.identity.identifier.AnonymousId;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cookie that keeps a browser's anonymous id where scripts, and what clears their storage, do
 * not reach it.
 *
 * <p>Always {@code Secure}: browsers count {@code http://localhost} as secure, so nothing has to be
 * weakened there. {@code SameSite=Lax}: other sites' requests do not carry it. Only what nobody
 * could have guessed is taken from it, since the id stands for somebody.
 */
@Singleton
class IdentityCookie {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
    private static final Pattern DOMAIN = Pattern.compile("[a-z0-9-]+(\\.[a-z0-9-]+)+");
    private static final String THIS_HOST_ONLY = "__Host-";
    private static final long MOST_DAYS = 400;

    private final RandomGenerator random;
    private final String name;
    private final String attributes;

    @Inject
    IdentityCookie(IdentityConfiguration configuration, RandomGenerator random) {
        this(configuration.cookie(), random);
    }

    IdentityCookie(CookieConfiguration cookie, RandomGenerator random) {
        this.random = random;
        this.name = checkedName(cookie);
        this.attributes = attributes(cookie);
    }

    /** So that a wrong configuration is told at the start and not to the first visitor. */
    void start(@Observes StartupEvent event) {}

    /** The anonymous id that a request brings; absent where it brings none, or not one of ours. */
    @Nullable String read(HttpServerRequest request) {
        Cookie cookie = request.getCookie(name);
        return cookie != null && AnonymousId.isUnguessable(cookie.getValue())
                ? cookie.getValue()
                : null;
    }

    String mint() {
        return AnonymousId.mint(random);
    }

    /** The value of {@code Set-Cookie} that gives a browser its id. */
    String give(String anonymousId) {
        return name + "=" + anonymousId + attributes;
    }

    private static String attributes(CookieConfiguration cookie) {
        long days = cookie.maxAge().toDays();
        if (days < 1 || days > MOST_DAYS) {
            throw new IllegalArgumentException(
                    "throughline.identity.cookie.max-age: expected 1 to 400 days, as in P365D");
        }
        String domain =
                cookie.domain().map(d -> "; Domain=" + checkedDomain(d, cookie.name())).orElse("");
        return "; Max-Age="
                + cookie.maxAge().toSeconds()
                + "; Path=/"
                + domain
                + "; Secure; HttpOnly; SameSite=Lax";
    }

    private static String checkedName(CookieConfiguration cookie) {
        if (!NAME.matcher(cookie.name()).matches()) {
            throw new IllegalArgumentException(
                    "throughline.identity.cookie.name: expected up to 100 characters that a cookie's name may have");
        }
        return cookie.name();
    }

    private static String checkedDomain(String domain, String name) {
        if (!DOMAIN.matcher(domain).matches()) {
            throw new IllegalArgumentException(
                    "throughline.identity.cookie.domain: expected a domain in lower case, as in shop.example");
        }
        if (name.startsWith(THIS_HOST_ONLY)) {
            throw new IllegalArgumentException(
                    "throughline.identity.cookie.name: browsers refuse __Host- together with a domain; give another name, as in tl_id");
        }
        return domain;
    }
}
