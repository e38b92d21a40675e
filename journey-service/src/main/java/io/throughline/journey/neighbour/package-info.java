/** The other services, as far as this one asks them anything over HTTP. */
@NullMarked
package io.throughline.journey.neighbour;

import org.jspecify.annotations.NullMarked;
