/** PostgreSQL: every statement of the journey service, and the rows they read and write. */
@NullMarked
package io.throughline.journey.store;

import org.jspecify.annotations.NullMarked;
