package io.throughline.bench.checker;

/**
 * A message that ought not to have come.
 *
 * @param because the acknowledgement, the cap or the earlier receipt it offends against
 */
public record Violation(Promise promise, Receipt receipt, Object because) {}
