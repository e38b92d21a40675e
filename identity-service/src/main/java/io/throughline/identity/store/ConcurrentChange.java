package io.throughline.identity.store;

/**
 * Another unit of work linked or merged the same customers at the same time and came first; doing
 * this one again, on what is true now, helps.
 */
public final class ConcurrentChange extends RuntimeException {

    public ConcurrentChange(String message) {
        super(message, null, false, false);
    }
}
