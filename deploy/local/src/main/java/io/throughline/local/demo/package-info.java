/** A small shop's minute, played through the public interfaces of the running stack. */
@NullMarked
package io.throughline.local.demo;

import org.jspecify.annotations.NullMarked;
