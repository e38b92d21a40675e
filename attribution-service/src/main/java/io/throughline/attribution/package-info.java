/** Measures. */
@NullMarked
package io.throughline.attribution;

import org.jspecify.annotations.NullMarked;
