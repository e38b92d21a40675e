package io.throughline.identity.http;

import io.quarkus.runtime.StartupEvent;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whose pages may use the identity cookie. */
@ApplicationScoped
class BrowserOrigins {

    private static final Pattern ORIGIN =
            Pattern.compile("https?://(\\[[0-9a-f:.]+]|[a-z0-9.-]+)(:[0-9]{1,5})?");

    private final Set<String> allowed;

    BrowserOrigins(IdentityConfiguration configuration) {
        this.allowed = checked(configuration.cookie().origins().orElse(List.of()));
    }

    /** So that a wrong configuration is told at the start and not to the first visitor. */
    void start(@Observes StartupEvent event) {}

    /** Whether pages of this origin may send the cookie along from elsewhere. */
    boolean allows(String origin) {
        return allowed.contains(origin);
    }

    /**
     * Whether a request comes from a page that may use the cookie, or from no page at all. A
     * browser says truly where a request comes from, and only a browser has somebody's cookie.
     */
    boolean allow(HttpServerRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin == null
                || allows(origin)
                || "same-origin".equals(request.getHeader("Sec-Fetch-Site"))
                || isOf(origin, request.authority());
    }

    static Set<String> checked(List<String> origins) {
        for (String origin : origins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException(
                        "throughline.identity.cookie.origins: expected origins in lower case and without a path, as in https://www.shop.example, was '"
                                + origin
                                + "'");
            }
        }
        return Set.copyOf(origins);
    }

    private static boolean isOf(String origin, @Nullable HostAndPort host) {
        if (host == null) {
            return false;
        }
        String own = host.port() < 0 ? host.host() : host.host() + ":" + host.port();
        return origin.equals("https://" + own) || origin.equals("http://" + own);
    }
}
