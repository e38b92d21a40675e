package io.throughline.journey.engine;

import java.time.Instant;

/**
 * The newest time a customer entered a journey, in any version of it.
 *
 * @param trigger the {@code messageId} that led in
 * @param running whether that instance has not left yet
 */
public record PriorEntry(Instant at, String trigger, boolean running) {}
