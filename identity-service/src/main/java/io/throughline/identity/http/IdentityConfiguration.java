package io.throughline.identity.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
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
     * What the hashes of erased customers' addresses are made with; whoever has it and the hashes
     * can try out who was erased. There is no default, and with another one what was erased before
     * is not recognised any more.
     */
    String suppressionSecret();

    CookieConfiguration cookie();

    LinkConfiguration link();

    /** The identity cookie. */
    interface CookieConfiguration {

        /**
         * With {@code __Host-} in front, browsers take it from this host alone, so that nobody on a
         * neighbouring host can put another in its place.
         */
        @WithDefault("__Host-tl_id")
        String name();

        /** How long it lives after it was last given; browsers keep none longer than 400 days. */
        @WithDefault("P365D")
        Duration maxAge();

        /**
         * Shares the cookie with all hosts below a domain, as in {@code shop.example}; needs a name
         * without {@code __Host-}.
         */
        Optional<String> domain();

        /**
         * Whose pages may send the cookie along and ask for what it says, each as {@code
         * https://www.shop.example}; pages of this host itself always may.
         */
        Optional<List<String>> origins();
    }

    /** Links of messages, as a hint of who opened them. */
    interface LinkConfiguration {

        /** How long after a message went to somebody its links tell who follows them. */
        @WithDefault("P7D")
        Duration validFor();

        /** How many browsers one message may tell of; more means that it was passed on. */
        @WithDefault("5")
        int browsers();
    }

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
