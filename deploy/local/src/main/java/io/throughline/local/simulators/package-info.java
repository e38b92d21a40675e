/** Carrier and mailbox stand-ins that speak the real protocols and remember what they got. */
@NullMarked
package io.throughline.local.simulators;

import org.jspecify.annotations.NullMarked;
