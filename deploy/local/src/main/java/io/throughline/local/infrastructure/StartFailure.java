package io.throughline.local.infrastructure;

/**
 * A part could not start for a reason the person at the keyboard can mend. The message is one line
 * that says what is wrong and what to do.
 */
public final class StartFailure extends RuntimeException {

    public StartFailure(String line) {
        super(line);
    }

    public StartFailure(String line, Throwable cause) {
        super(line, cause);
    }
}
