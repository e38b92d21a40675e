/**
 * The contact gate: what every message passes in the last millisecond before it is handed over. The
 * types here are its vocabulary and are pure; {@code redis} is the gate in production, {@code
 * memory} its twin.
 */
@NullMarked
package io.throughline.governance;

import org.jspecify.annotations.NullMarked;
