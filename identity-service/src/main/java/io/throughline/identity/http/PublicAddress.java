package io.throughline.identity.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The address that browsers reach this service under: as configured, or as the caller has it. */
@ApplicationScoped
class PublicAddress {

    private final Optional<URI> publicUrl;

    PublicAddress(IdentityConfiguration configuration) {
        this.publicUrl = configuration.publicUrl();
    }

    /**
     * @param host with the port where it is not the scheme's own
     */
    record Address(String scheme, String host) {

        /** Without a slash at the end. */
        String url() {
            return scheme + "://" + host;
        }
    }

    Address of(HttpServerRequest request) {
        return publicUrl
                .map(url -> new Address(url.getScheme(), url.getRawAuthority()))
                .orElseGet(() -> new Address(scheme(request), authority(request.authority())));
    }

    private static String scheme(HttpServerRequest request) {
        return "https".equals(request.scheme()) ? "https" : "http";
    }

    private static String authority(@Nullable HostAndPort host) {
        if (host == null) {
            return "localhost";
        }
        return host.port() < 0 ? host.host() : host.host() + ":" + host.port();
    }
}
