/** The HTTP interface: templates, messages, channels, and the links of messages. */
@NullMarked
package io.throughline.channel.http;

import org.jspecify.annotations.NullMarked;
