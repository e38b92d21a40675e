/** What the compacted topic {@code throughline.predictions} carries. */
@NullMarked
package io.throughline.contracts.prediction;

import org.jspecify.annotations.NullMarked;
