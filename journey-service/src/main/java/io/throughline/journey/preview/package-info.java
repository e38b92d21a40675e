/** What a change of the contact policy would have done; pure. */
@NullMarked
package io.throughline.journey.preview;

import org.jspecify.annotations.NullMarked;
