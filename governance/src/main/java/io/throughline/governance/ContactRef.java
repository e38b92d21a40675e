package io.throughline.governance;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;

/** One contact of one customer; after a merge, the old customer id still finds it. */
public record ContactRef(CustomerId customer, MessageId message) {}
