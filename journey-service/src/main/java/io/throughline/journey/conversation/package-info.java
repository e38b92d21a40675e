/**
 * One unit of work: what happened to a few hundred customers is run through the engine in memory
 * and stored together with what follows from it.
 */
@NullMarked
package io.throughline.journey.conversation;

import org.jspecify.annotations.NullMarked;
