/**
 * What customers and carriers tell: stops, replies, receipts, clicks. In force and stored first.
 */
@NullMarked
package io.throughline.channel.inbound;

import org.jspecify.annotations.NullMarked;
