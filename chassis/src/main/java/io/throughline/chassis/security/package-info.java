/** Who may call: bearer tokens, stored hashed, and their roles. */
@NullMarked
package io.throughline.chassis.security;

import org.jspecify.annotations.NullMarked;
