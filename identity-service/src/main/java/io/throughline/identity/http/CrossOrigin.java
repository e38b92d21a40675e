package io.throughline.identity.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Lets browsers on any site send events, and only that: the tracking API needs a write key and
 * gives nothing back. {@code Retry-After} is exposed, since a script cannot read it otherwise.
 */
@ApplicationScoped
class CrossOrigin {

    private static final String ALLOWED_HEADERS =
            "Authorization, Content-Type, Content-Encoding, X-Retry-Count, AnonymousId, SentAt,"
                    + " Rsa-Retry-Attempt, Rsa-Initiated-At, Rsa-Initiated-By";
    private static final String MAX_AGE_SECONDS = "900";
    private static final int BEFORE_EVERYTHING = 1000;

    void register(@Observes Filters filters) {
        filters.register(CrossOrigin::handle, BEFORE_EVERYTHING);
    }

    private static void handle(RoutingContext context) {
        String origin = context.request().getHeader(HttpHeaders.ORIGIN);
        if (origin == null || !context.normalizedPath().startsWith("/v1/")) {
            context.next();
            return;
        }
        MultiMap headers = context.response().headers();
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        headers.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After");
        boolean preflight =
                context.request().method().equals(HttpMethod.OPTIONS)
                        && context.request().headers().contains("Access-Control-Request-Method");
        if (!preflight) {
            context.next();
            return;
        }
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS");
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        context.response().setStatusCode(204).end();
    }
}
