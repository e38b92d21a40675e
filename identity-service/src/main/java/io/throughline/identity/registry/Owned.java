package io.throughline.identity.registry;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.ingest.AcceptedEvent;

/** An event and whose it is. */
record Owned(AcceptedEvent event, CustomerId customer) {}
