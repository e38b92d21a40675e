/**
 * Compares customers who were treated with those who were held out, as assigned and never as
 * reached. Pure.
 */
@NullMarked
package io.throughline.attribution.lift;

import org.jspecify.annotations.NullMarked;
