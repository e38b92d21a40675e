package io.throughline.governance;

import io.throughline.contracts.Category;
import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A silence to put in force, or its lifting.
 *
 * @param journey the only journey it covers; absent where it covers all of them
 * @param categories the only ones it covers; empty where it covers all that heed silences
 * @param cause what it is because of; two of one cause are one, and cover the same
 * @param at when that, or what lifts it, happened: of the same cause the later holds, and a silence
 *     where they are of the same instant
 * @param until first instant that is not silent any more; of the same cause the longer holds. A
 *     lifting is remembered as long, so that it may come before what it lifts
 */
public record SilenceWrite(
        CustomerId customer,
        @Nullable String journey,
        Set<Category> categories,
        String cause,
        Instant at,
        Instant until,
        boolean lifted) {

    /** One of all that cover the same, which nothing lifts. */
    public SilenceWrite(CustomerId customer, @Nullable String journey, Instant until) {
        this(
                customer,
                journey,
                Set.of(),
                journey == null ? "" : journey,
                Instant.EPOCH,
                until,
                false);
    }

    /** Two of one cause as one. */
    public SilenceWrite join(SilenceWrite other) {
        boolean nowLifted =
                at.equals(other.at)
                        ? lifted && other.lifted
                        : at.isAfter(other.at) ? lifted : other.lifted;
        return new SilenceWrite(
                customer,
                journey,
                categories,
                cause,
                at.isAfter(other.at) ? at : other.at,
                until.isAfter(other.until) ? until : other.until,
                nowLifted);
    }
}
