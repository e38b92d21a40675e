package io.throughline.governance;

import io.throughline.contracts.CustomerId;
import java.time.Instant;

/** A customer did something that shows that messages, or we, still matter to her. */
public record Engagement(CustomerId customer, Instant at) {}
