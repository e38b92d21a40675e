/**
 * Where a customer may be: what is known of it, piece by piece, and what that comes to for quiet
 * hours. Pure.
 */
@NullMarked
package io.throughline.identity.whereabouts;

import org.jspecify.annotations.NullMarked;
