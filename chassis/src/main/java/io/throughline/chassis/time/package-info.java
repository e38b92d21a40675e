/**
 * Where time and randomness come from, so that a core never reads a clock; and what is done by it.
 */
@NullMarked
package io.throughline.chassis.time;

import org.jspecify.annotations.NullMarked;
