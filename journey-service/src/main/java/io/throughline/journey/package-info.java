/** Decides what happens next. */
@NullMarked
package io.throughline.journey;

import org.jspecify.annotations.NullMarked;
