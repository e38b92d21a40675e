/** The reports and the decision records over HTTP. */
@NullMarked
package io.throughline.attribution.http;

import org.jspecify.annotations.NullMarked;
