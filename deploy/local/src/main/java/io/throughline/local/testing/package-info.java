/** The infrastructure and the simulators for tests of a service. */
@NullMarked
package io.throughline.local.testing;

import org.jspecify.annotations.NullMarked;
