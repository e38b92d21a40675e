package io.throughline.chassis.expression;

/**
 * An expression that does not compile; the message names the place and what is wrong, for the
 * person who wrote it.
 */
public final class ExpressionException extends Exception {

    public ExpressionException(String message) {
        super(message);
    }
}
