/** The local stack: embedded infrastructure, gateway, simulators, demo. */
@NullMarked
package io.throughline.local;

import org.jspecify.annotations.NullMarked;
