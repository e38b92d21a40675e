/**
 * Takes messages from the send ledger to their routes: claim, compose, ask the gate, hand over,
 * record. Knows no database and no framework, so the same code runs against hostile ports in the
 * simulation.
 */
@NullMarked
package io.throughline.channel.dispatch;

import org.jspecify.annotations.NullMarked;
