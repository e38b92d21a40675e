package io.throughline.bench.checker;

import java.time.Instant;

/**
 * A message as it came to whom the product hands messages over to.
 *
 * @param customer whose address it came to
 * @param message what tells it from every other message that was meant
 */
public record Receipt(
        String customer, String channel, String journey, String message, Instant at) {}
