/**
 * The words the services share: identifiers, channels, categories, money, and the envelope every
 * event travels in.
 */
@NullMarked
package io.throughline.contracts;

import org.jspecify.annotations.NullMarked;
