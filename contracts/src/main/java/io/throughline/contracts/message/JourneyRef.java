package io.throughline.contracts.message;

import java.util.UUID;

/**
 * Where in a journey something happened.
 *
 * @param journey the journey's key
 * @param version the version the instance runs on
 * @param instance one customer in one journey version
 * @param step the step's path in the document, as in {@code steps[4].send}
 */
public record JourneyRef(String journey, int version, UUID instance, String step) {}
