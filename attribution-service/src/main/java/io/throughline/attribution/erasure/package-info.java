/** What is told of a customer who asks, and what becomes of one who is erased. */
@NullMarked
package io.throughline.attribution.erasure;

import org.jspecify.annotations.NullMarked;
