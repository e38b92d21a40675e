/**
 * What becomes of a message and why: its states, what the gate's answer and the carrier's answer
 * lead to. Pure.
 */
@NullMarked
package io.throughline.channel.delivery;

import org.jspecify.annotations.NullMarked;
