/** Says of each decision what was decided, by which rule and why, also in a sentence. Pure. */
@NullMarked
package io.throughline.attribution.explanation;

import org.jspecify.annotations.NullMarked;
