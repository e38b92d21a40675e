/** Kafka in: messages that are asked for, and who is behind an address. */
@NullMarked
package io.throughline.channel.stream;

import org.jspecify.annotations.NullMarked;
