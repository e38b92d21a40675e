package io.throughline.identity.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets browsers on any site send events, and only that: the tracking API needs a write key and
 * gives nothing back. The identity cookie goes along from the pages of configured origins alone,
 * and they alone may ask for what it says. {@code Retry-After} is exposed, since a script cannot
 * read it otherwise.
 */
@ApplicationScoped
class CrossOrigin {

    private static final List<String> FOR_EVERYBODY = List.of("/v1/", "/beacon/v1/", "/pixel/v1/");
    private static final String METHODS = "GET, POST, DELETE, OPTIONS";
    private static final String MAX_AGE_SECONDS = "900";
    private static final int BEFORE_EVERYTHING = 1000;

    /** What the libraries are known to send; {@code *} would not cover Authorization. */
    private static final List<String> KNOWN_HEADERS =
            List.of(
                    "Authorization",
                    "Content-Type",
                    "Content-Encoding",
                    "X-Retry-Count",
                    "AnonymousId",
                    "SentAt",
                    "Rsa-Retry-Attempt",
                    "Rsa-Initiated-At",
                    "Rsa-Initiated-By");

    private static final Pattern HEADER = Pattern.compile("[a-z0-9-]{1,64}");
    private static final int MOST_HEADERS = 32;

    private final BrowserOrigins origins;

    CrossOrigin(BrowserOrigins origins) {
        this.origins = origins;
    }

    void register(@Observes Filters filters) {
        filters.register(this::handle, BEFORE_EVERYTHING);
    }

    private void handle(RoutingContext context) {
        String origin = context.request().getHeader(HttpHeaders.ORIGIN);
        String allowed = origin == null ? null : allowed(origin, context.normalizedPath());
        if (origin == null || allowed == null) {
            context.next();
            return;
        }
        MultiMap headers = context.response().headers();
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After");
        headers.set(HttpHeaders.VARY, "Origin");
        if (allowed.equals(origin)) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        boolean preflight =
                context.request().method().equals(HttpMethod.OPTIONS)
                        && context.request().headers().contains("Access-Control-Request-Method");
        if (!preflight) {
            context.next();
            return;
        }
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.set(
                HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
                allowedHeaders(context.request().getHeader("Access-Control-Request-Headers")));
        headers.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        context.response().setStatusCode(204).end();
    }

    /** The value of Access-Control-Allow-Origin; absent where another origin has no business. */
    private @Nullable String allowed(String origin, String path) {
        if (FOR_EVERYBODY.stream().noneMatch(path::startsWith)) {
            return null;
        }
        if (origins.allows(origin)) {
            return origin;
        }
        return isAboutTheCookie(path) ? null : "*";
    }

    private static boolean isAboutTheCookie(String path) {
        return path.equals(BrowserIdentityResource.PATH)
                || path.equals(BrowserIdentityResource.PATH + "/");
    }

    /**
     * The known ones and what else is asked for: the next version of a library sends one more, and
     * a header that is not allowed would cost every event of every browser.
     */
    static String allowedHeaders(@Nullable String asked) {
        Set<String> headers = new LinkedHashSet<>(KNOWN_HEADERS);
        if (asked != null) {
            for (String header : asked.split(",", MOST_HEADERS)) {
                String name = header.strip().toLowerCase(Locale.ROOT);
                boolean isNew = KNOWN_HEADERS.stream().noneMatch(name::equalsIgnoreCase);
                if (isNew && HEADER.matcher(name).matches()) {
                    headers.add(name);
                }
            }
        }
        return String.join(", ", headers);
    }
}
