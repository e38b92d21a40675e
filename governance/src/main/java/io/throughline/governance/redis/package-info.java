/** The gate in production: one function call a decision, whole batches in one round trip. */
@NullMarked
package io.throughline.governance.redis;

import org.jspecify.annotations.NullMarked;
