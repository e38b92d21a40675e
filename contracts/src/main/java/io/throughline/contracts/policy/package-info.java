/** The contact policy and the conversion rules, as data that every service holds. */
@NullMarked
package io.throughline.contracts.policy;

import org.jspecify.annotations.NullMarked;
