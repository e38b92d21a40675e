/** What in the streams is a conversion, what it is worth, and what takes it back. Pure. */
@NullMarked
package io.throughline.attribution.conversion;

import org.jspecify.annotations.NullMarked;
