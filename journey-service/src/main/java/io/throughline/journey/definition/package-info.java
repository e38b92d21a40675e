/**
 * The journey document: what a marketer writes, read from YAML or JSON, checked as a whole and
 * explained where it is wrong.
 */
@NullMarked
package io.throughline.journey.definition;

import org.jspecify.annotations.NullMarked;
