package io.throughline.channel.email;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The email route; there is none without a host. */
@ConfigMapping(prefix = "throughline.channel.smtp")
interface SmtpConfiguration {

    Optional<String> host();

    @WithDefault("587")
    int port();

    /** Envelope sender and From, as in {@code Shop <hello@shop.example>}. */
    Optional<String> from();

    Optional<String> username();

    Optional<String> password();

    /**
     * {@code required} in production; {@code optional} takes what the server offers, {@code
     * disabled} not even that.
     */
    @WithDefault("optional")
    String starttls();

    /** Messages handed over at the same time, each on its own connection. */
    @WithDefault("8")
    int connections();

    /**
     * For one mail; then its connection is closed. Where its last line had left by then, it is
     * unknown whether the server took it.
     */
    @WithDefault("PT20S")
    Duration timeout();
}
