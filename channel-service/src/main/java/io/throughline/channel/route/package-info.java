/**
 * What the channel service asks of a way to a carrier or provider, and what such a way tells back.
 * An adapter implements {@link Route} and calls {@link Inbound}; it knows nothing of customers,
 * consent or the send ledger.
 */
@NullMarked
package io.throughline.channel.route;

import org.jspecify.annotations.NullMarked;
