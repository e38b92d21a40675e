/** Where events may come from: sources, their write keys, how far each is trusted. */
@NullMarked
package io.throughline.identity.source;

import org.jspecify.annotations.NullMarked;
