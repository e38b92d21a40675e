package io.throughline.chassis.stream;

/**
 * Something that a service depends on is away: trying again helps, and until then nothing is to be
 * decided. Thrown by services for what the chassis cannot recognise by itself, such as a gate that
 * does not answer.
 */
public final class SurroundingsFault extends RuntimeException {

    public SurroundingsFault(String message) {
        super(message);
    }

    public SurroundingsFault(String message, Throwable cause) {
        super(message, cause);
    }
}
