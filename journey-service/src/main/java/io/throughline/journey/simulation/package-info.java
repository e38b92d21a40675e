/** Dry runs as jobs: fed page by page from the database, played on a thread of their own. */
@NullMarked
package io.throughline.journey.simulation;

import org.jspecify.annotations.NullMarked;
