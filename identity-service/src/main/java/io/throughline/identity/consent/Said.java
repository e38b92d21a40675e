package io.throughline.identity.consent;

import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import java.time.Instant;

/**
 * A line of the ledger, as far as it decides what counts.
 *
 * @param customer who she was taken for when she said it
 * @param at when she said it
 * @param recordedAt when it was written down, by whichever service she told
 */
public record Said(
        CustomerId customer, About about, ConsentState state, Instant at, Instant recordedAt) {}
