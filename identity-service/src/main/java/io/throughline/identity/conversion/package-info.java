/** Which accepted events are conversions, and what silence each of them asks for. */
@NullMarked
package io.throughline.identity.conversion;

import org.jspecify.annotations.NullMarked;
