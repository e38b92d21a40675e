/**
 * One customer in one journey: a pure function of state and input to state and effects, the same
 * for production, for the dry run and for tests.
 */
@NullMarked
package io.throughline.journey.engine;

import org.jspecify.annotations.NullMarked;
