package io.throughline.identity.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The write key as a request shows it outside of its body.
 *
 * @param text before the body: the user name of Basic authentication, then {@code writeKey} in the
 *     query
 * @param bearer after the body: a bearer token. Libraries with OAuth send one that is not the key,
 *     and the key in the body
 */
record ShownKey(@Nullable String text, @Nullable String bearer) {

    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";

    static ShownKey of(HttpServerRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        String basic = userName(after(BASIC, authorization));
        return new ShownKey(
                basic == null ? present(request.getParam("writeKey")) : basic,
                present(after(BEARER, authorization)));
    }

    private static @Nullable String after(String scheme, @Nullable String authorization) {
        return authorization != null
                        && authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? authorization.substring(scheme.length()).strip()
                : null;
    }

    /** The password is empty by custom and is not looked at. What is not Base64 is no key. */
    private static @Nullable String userName(@Nullable String credentials) {
        if (credentials == null) {
            return null;
        }
        try {
            String pair =
                    new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return present(colon < 0 ? pair : pair.substring(0, colon));
        } catch (IllegalArgumentException e) {
            return credentials;
        }
    }

    private static @Nullable String present(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }
}
