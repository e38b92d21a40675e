/** What the topic {@code throughline.erasures} carries. */
@NullMarked
package io.throughline.contracts.erasure;

import org.jspecify.annotations.NullMarked;
