/**
 * The limit for ingestion: a request in, a record acknowledged by Kafka, an answer out, and nothing
 * else.
 */
@NullMarked
package io.throughline.bench.bare;

import org.jspecify.annotations.NullMarked;
