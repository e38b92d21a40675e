/** CEL expressions over JSON-like values. */
@NullMarked
package io.throughline.chassis.expression;

import org.jspecify.annotations.NullMarked;
