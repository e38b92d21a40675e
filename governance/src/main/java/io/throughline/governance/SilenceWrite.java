package io.throughline.governance;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A silence to put in force.
 *
 * @param journey the only journey it covers; absent where it covers all of them
 * @param until first instant that is not silent any more
 */
public record SilenceWrite(CustomerId customer, @Nullable String journey, Instant until) {}
