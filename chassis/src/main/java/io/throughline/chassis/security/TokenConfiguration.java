package io.throughline.chassis.security;

import io.smallrye.config.ConfigMapping;
import java.util.List;

/**
 * Who may call, from the environment; there is no default, so a deployment without it does not
 * start.
 */
@ConfigMapping(prefix = "throughline.auth")
interface TokenConfiguration {

    /** API tokens, each as {@code role:sha256} with the SHA-256 of the token in lower-case hex. */
    List<String> tokens();

    /** The secret that the services show each other. */
    String serviceToken();
}
