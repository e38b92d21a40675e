package io.throughline.identity.resolution;

import io.throughline.contracts.CustomerId;

/**
 * Where an identifier stands.
 *
 * @param customer who holds it; where nobody does, whose sighting was the first to name it
 * @param held whether it is the customer's
 * @param shared whether it was seen with too many people to be anybody's
 */
public record Standing(CustomerId customer, boolean held, boolean shared) {}
