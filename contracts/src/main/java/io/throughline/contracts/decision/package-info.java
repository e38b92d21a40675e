/**
 * What journeys decided, so that every message, and every message that was not sent, can be
 * explained.
 */
@NullMarked
package io.throughline.contracts.decision;

import org.jspecify.annotations.NullMarked;
