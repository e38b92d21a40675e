/** How customers take what they are sent: per channel, over their life and lately. */
@NullMarked
package io.throughline.identity.engagement;

import org.jspecify.annotations.NullMarked;
