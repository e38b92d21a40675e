package io.throughline.identity.tracking;

/**
 * What is wrong with a call.
 *
 * @param field path within the body, as in {@code batch[3].userId}; {@code body} for the whole
 * @param expected what was expected there, and what was found
 */
public record Fault(String field, String expected) {}
