/**
 * Events in and out, so that state and the events that tell of it are committed together: the
 * transactional outbox with its relay, the inbox that makes redelivery harmless, dead letters.
 */
@NullMarked
package io.throughline.chassis.stream;

import org.jspecify.annotations.NullMarked;
