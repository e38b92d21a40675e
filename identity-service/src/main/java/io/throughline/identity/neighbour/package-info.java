/** The other services, as far as this one asks them anything over HTTP. */
@NullMarked
package io.throughline.identity.neighbour;

import org.jspecify.annotations.NullMarked;
