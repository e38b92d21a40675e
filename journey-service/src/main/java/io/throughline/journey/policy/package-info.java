/** The contact policy: what may be put, its versions, and the first one. */
@NullMarked
package io.throughline.journey.policy;

import org.jspecify.annotations.NullMarked;
