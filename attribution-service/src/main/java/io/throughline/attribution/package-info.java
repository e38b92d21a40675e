/** Measures what messages did: decision records, touches, credit, lift. */
@NullMarked
package io.throughline.attribution;

import org.jspecify.annotations.NullMarked;
