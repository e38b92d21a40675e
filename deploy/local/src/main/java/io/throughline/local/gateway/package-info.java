/** One address for the four services, as an Ingress would give them in a cluster. */
@NullMarked
package io.throughline.local.gateway;

import org.jspecify.annotations.NullMarked;
