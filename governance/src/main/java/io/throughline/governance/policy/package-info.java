/** The contact policy and the conversion rules in force, as every service holds them. */
@NullMarked
package io.throughline.governance.policy;

import org.jspecify.annotations.NullMarked;
