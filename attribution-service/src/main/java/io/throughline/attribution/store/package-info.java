/** PostgreSQL: what was told, kept under the id it was told of, and read as of now. */
@NullMarked
package io.throughline.attribution.store;

import org.jspecify.annotations.NullMarked;
