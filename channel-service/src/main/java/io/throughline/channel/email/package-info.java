/** Email over SMTP. */
@NullMarked
package io.throughline.channel.email;

import org.jspecify.annotations.NullMarked;
