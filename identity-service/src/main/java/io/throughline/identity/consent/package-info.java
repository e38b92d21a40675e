/** What customers agreed to: what was said, and what counts of it. */
@NullMarked
package io.throughline.identity.consent;

import org.jspecify.annotations.NullMarked;
