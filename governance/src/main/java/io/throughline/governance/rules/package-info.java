/**
 * What a contact policy comes to for one kind of message, and how what was found is told: shared by
 * the gate in Redis and its twin, so that both give the same answers in the same words. Pure.
 */
@NullMarked
package io.throughline.governance.rules;

import org.jspecify.annotations.NullMarked;
