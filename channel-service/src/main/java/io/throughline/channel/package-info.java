/** Hands messages over and hears back. */
@NullMarked
package io.throughline.channel;

import org.jspecify.annotations.NullMarked;
