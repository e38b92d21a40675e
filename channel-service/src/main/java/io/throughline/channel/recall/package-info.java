/** Takes messages back that carriers hold, after something came that would have kept them back. */
@NullMarked
package io.throughline.channel.recall;

import org.jspecify.annotations.NullMarked;
