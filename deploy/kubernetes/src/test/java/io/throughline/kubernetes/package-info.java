/** The Kubernetes base, rendered and checked. */
@NullMarked
package io.throughline.kubernetes;

import org.jspecify.annotations.NullMarked;
