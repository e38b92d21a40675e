package io.throughline.identity.source;

import io.throughline.contracts.ingest.Trust;

/** What a valid write key proves. */
public record Origin(String source, Trust trust) {}
