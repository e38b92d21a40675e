/** Whose event it is: which customers its identifiers join, and which they may not. */
@NullMarked
package io.throughline.identity.resolution;

import org.jspecify.annotations.NullMarked;
