/** Starts the whole stack on this machine, watches it and ends it. */
@NullMarked
package io.throughline.local.launcher;

import org.jspecify.annotations.NullMarked;
