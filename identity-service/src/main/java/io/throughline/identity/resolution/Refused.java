package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;

/**
 * A link that an event suggested and that was not made: the identifier stays with its holder, and
 * the event belongs to somebody else.
 *
 * @param why for people, as in {@code both have a user_id}
 */
public record Refused(Identifier identifier, CustomerId holder, String why) {}
