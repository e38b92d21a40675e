/** Segments: what they ask, of whom it holds, and when that may change by time alone. */
@NullMarked
package io.throughline.identity.segment;

import org.jspecify.annotations.NullMarked;
