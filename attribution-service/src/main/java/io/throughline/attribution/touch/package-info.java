/** What in the streams is a touch: messages with what became of them, and campaign visits. Pure. */
@NullMarked
package io.throughline.attribution.touch;

import org.jspecify.annotations.NullMarked;
