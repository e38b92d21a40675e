/**
 * Judges what went out by what was promised, from nothing but acknowledgements and what arrived at
 * the carriers: it knows no part of the product, and no clock.
 */
@NullMarked
package io.throughline.bench.checker;

import org.jspecify.annotations.NullMarked;
