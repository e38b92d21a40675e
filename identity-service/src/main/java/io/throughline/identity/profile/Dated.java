package io.throughline.identity.profile;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A value and when it was said, which is what makes folding independent of the order of arrival: of
 * two the later counts, and at the same instant the one with the greater cause.
 *
 * @param value absent once it was taken back; the date is kept, so that an older event that arrives
 *     later does not bring it back
 * @param by the {@code messageId} that said it
 */
public record Dated(@Nullable Object value, Instant at, String by) {

    /** The one of the two that counts. */
    static Dated later(Dated a, Dated b) {
        int byTime = a.at.compareTo(b.at);
        int order = byTime != 0 ? byTime : a.by.compareTo(b.by);
        return order >= 0 ? a : b;
    }
}
