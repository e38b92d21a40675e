/** What ought to have kept messages back, when that was known where, and what slipped past. */
@NullMarked
package io.throughline.attribution.suppression;

import org.jspecify.annotations.NullMarked;
