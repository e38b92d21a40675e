package io.throughline.channel.route;

import io.throughline.contracts.MessageId;
import java.util.List;

/**
 * A message that the carrier has.
 *
 * @param to as it was handed over
 * @param providerIds the carrier's ids of the parts that it has not given a final word on
 */
public record HandedOver(MessageId message, String to, List<String> providerIds) {}
