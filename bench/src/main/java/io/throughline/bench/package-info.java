/**
 * Benchmarks. Each figure stands beside the raw limit, or the budget, taken in the same run on the
 * same machine.
 */
@NullMarked
package io.throughline.bench;

import org.jspecify.annotations.NullMarked;
