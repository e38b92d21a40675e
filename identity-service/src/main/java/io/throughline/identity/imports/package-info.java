/** Files of customers, read row by row. */
@NullMarked
package io.throughline.identity.imports;

import org.jspecify.annotations.NullMarked;
