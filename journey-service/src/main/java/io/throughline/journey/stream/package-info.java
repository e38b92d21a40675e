/**
 * Kafka in and out: what arrives is run through the engine, and state, timers and events commit
 * together.
 */
@NullMarked
package io.throughline.journey.stream;

import org.jspecify.annotations.NullMarked;
