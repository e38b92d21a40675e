/** Kafka in: what the other services tell, applied once, in one transaction a batch. */
@NullMarked
package io.throughline.attribution.stream;

import org.jspecify.annotations.NullMarked;
