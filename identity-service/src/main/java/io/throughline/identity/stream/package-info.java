/** Kafka: accepted events out and in again, and what customers answered to messages. */
@NullMarked
package io.throughline.identity.stream;

import org.jspecify.annotations.NullMarked;
