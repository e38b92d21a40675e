package io.throughline.identity.whereabouts;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One piece of evidence of where a customer is.
 *
 * @param value what was said, as it was said
 * @param at when
 * @param zones that it speaks for, those with the same clocks once; empty for none
 * @param region ISO 3166, of a country or of one of its states; absent for none
 */
public record Clue(
        Kind kind, String value, Instant at, List<ZoneId> zones, @Nullable String region) {

    /** Where a piece comes from, the better known first. */
    public enum Kind {
        /** The zone that she, or who knows her, said she is in. */
        STATED,
        /** Her postal address. */
        ADDRESS,
        /** The zone of the device she was last seen with. */
        EVENT,
        /** What her phone number begins with. */
        PHONE;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
