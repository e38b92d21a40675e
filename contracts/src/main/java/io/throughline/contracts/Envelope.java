package io.throughline.contracts;

import java.time.Instant;
import java.util.UUID;

/**
 * An event as it travels: CloudEvents 1.0 attributes, which stand in the record's headers (Kafka
 * protocol binding, binary mode), and the data, which is the record's value as JSON.
 *
 * @param id unique over all producers and stable over redelivery; consumers are idempotent by it
 * @param source the service that says it, as in {@code /throughline/identity}
 * @param time when it was said; when what it tells of happened stands in the data
 */
public record Envelope<E extends ContractEvent>(UUID id, String source, Instant time, E data) {}
