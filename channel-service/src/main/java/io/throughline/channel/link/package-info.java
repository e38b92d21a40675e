/** The addresses behind which a message hears back: click, open, unsubscribe. Pure. */
@NullMarked
package io.throughline.channel.link;

import org.jspecify.annotations.NullMarked;
