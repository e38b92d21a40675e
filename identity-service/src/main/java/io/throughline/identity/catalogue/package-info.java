/** Which events there are: those that specifications name, and those that arrive. */
@NullMarked
package io.throughline.identity.catalogue;

import org.jspecify.annotations.NullMarked;
