/** Events as they were accepted at the door, before anyone knows whose they are. */
@NullMarked
package io.throughline.contracts.ingest;

import org.jspecify.annotations.NullMarked;
