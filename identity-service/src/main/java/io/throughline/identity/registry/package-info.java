/**
 * The shell around resolution: what is decided is stored, put in force at the gate and told to the
 * others as one unit of work.
 */
@NullMarked
package io.throughline.identity.registry;

import org.jspecify.annotations.NullMarked;
