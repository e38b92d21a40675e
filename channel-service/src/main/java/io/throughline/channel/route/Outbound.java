package io.throughline.channel.route;

import io.throughline.contracts.MessageId;
import java.time.Instant;

/**
 * A message ready to go.
 *
 * @param message idempotency key towards a provider that takes one
 * @param to E.164 number with {@code +}, or email address
 * @param deadline the carrier should not deliver it after this
 * @param lease to be looked at before there is no way back; where it does not hold, the answer is
 *     {@link HandOver.NotTaken}
 */
public record Outbound(
        MessageId message, String to, Content content, Instant deadline, Lease lease) {}
