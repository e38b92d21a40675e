/**
 * What stands for a customer: one normal form for each kind of value, and what never identifies.
 */
@NullMarked
package io.throughline.identity.identifier;

import org.jspecify.annotations.NullMarked;
