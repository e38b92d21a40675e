/** What the channel service keeps in PostgreSQL. */
@NullMarked
package io.throughline.channel.store;

import org.jspecify.annotations.NullMarked;
