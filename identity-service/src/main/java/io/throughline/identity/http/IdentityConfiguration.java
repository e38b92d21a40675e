package io.throughline.identity.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** What the service is told by its environment. */
@ConfigMapping(prefix = "throughline.identity")
interface IdentityConfiguration {

    /**
     * Sources that may send from the start, each as {@code source:sha256} with the SHA-256 of the
     * write key in lower-case hex. There is no default.
     */
    List<String> writeKeys();

    /**
     * ISO 3166 code of the country of phone numbers without {@code +}, where nothing else tells.
     */
    Optional<String> defaultRegion();

    /**
     * The address that browsers and SDKs reach this service under, as in {@code
     * https://events.shop.example}; where it is absent, what they themselves call it.
     */
    Optional<URI> publicUrl();

    /**
     * Where the other services reach this one. Not read here; named, since one environment serves
     * all services and an unknown name below this prefix is refused as a typing mistake.
     */
    Optional<String> url();

    /** Requests under way before more are refused with 429. */
    @WithDefault("4096")
    int maxRequestsInFlight();

    /** Bytes of requests under way before more are refused with 429. */
    @WithDefault("33554432")
    long maxBytesInFlight();
}
