/**
 * The gate's twin: the same answers from a map, with the time passed in; for the dry run and for
 * tests. Pure.
 */
@NullMarked
package io.throughline.governance.memory;

import org.jspecify.annotations.NullMarked;
