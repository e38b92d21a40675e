package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;
import java.util.Set;

/**
 * A customer that holds one of an event's identifiers.
 *
 * @param userIds the user ids that the customer holds
 */
public record Match(CustomerId customer, Set<String> userIds) {}
