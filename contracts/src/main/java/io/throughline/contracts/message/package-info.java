/** Messages: what is asked for, and what became of it. */
@NullMarked
package io.throughline.contracts.message;

import org.jspecify.annotations.NullMarked;
