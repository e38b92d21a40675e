/** Splits a conversion over the touches that came before it. Pure. */
@NullMarked
package io.throughline.attribution.credit;

import org.jspecify.annotations.NullMarked;
