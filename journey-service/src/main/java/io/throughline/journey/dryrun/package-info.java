/** The engine on a virtual clock, against the gate's in-memory twin: what would have happened. */
@NullMarked
package io.throughline.journey.dryrun;

import org.jspecify.annotations.NullMarked;
