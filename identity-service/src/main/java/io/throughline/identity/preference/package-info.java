/** What customers are offered to choose, and what their choice means. */
@NullMarked
package io.throughline.identity.preference;

import org.jspecify.annotations.NullMarked;
