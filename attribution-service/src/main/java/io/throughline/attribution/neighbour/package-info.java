/** The other services, as far as they are asked. */
@NullMarked
package io.throughline.attribution.neighbour;

import org.jspecify.annotations.NullMarked;
