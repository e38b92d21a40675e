/** The service as a whole on real Kafka, PostgreSQL and Redis, its neighbours played by a stub. */
@NullMarked
package io.throughline.journey.service;

import org.jspecify.annotations.NullMarked;
