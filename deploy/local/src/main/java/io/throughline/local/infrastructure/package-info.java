/** Kafka, PostgreSQL and Redis on this machine, kept below one directory. */
@NullMarked
package io.throughline.local.infrastructure;

import org.jspecify.annotations.NullMarked;
