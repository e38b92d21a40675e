/**
 * The Segment HTTP tracking API as values: a request body in, accepted events or named faults out.
 */
@NullMarked
package io.throughline.identity.tracking;

import org.jspecify.annotations.NullMarked;
