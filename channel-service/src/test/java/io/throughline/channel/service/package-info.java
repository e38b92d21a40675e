/** The channel service as a whole, on the embedded infrastructure. */
@NullMarked
package io.throughline.channel.service;

import org.jspecify.annotations.NullMarked;
