package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.profile.Knowledge;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Something that was said and names somebody.
 *
 * @param fold what it adds to what is known of her; must not mind being folded in any order
 */
public record Statement(Evidence evidence, Occasion occasion, UnaryOperator<Knowledge> fold) {

    /** An event, whole. */
    public static Statement of(AcceptedEvent event) {
        return new Statement(evidence(event), occasion(event), known -> known.with(event));
    }

    /**
     * An event's identifiers and no more: what it says is folded in when it comes back from the
     * log, once.
     */
    public static Statement linksOf(AcceptedEvent event) {
        return new Statement(evidence(event), occasion(event), UnaryOperator.identity());
    }

    /**
     * Somebody named outside of an event, as with a consent.
     *
     * @param source where, as in {@code preference-centre}
     */
    public static Statement named(Identifier identifier, Instant at, String source, String cause) {
        return new Statement(
                Evidence.of(List.of(identifier), Trust.TRUSTED),
                new Occasion(at, source, cause),
                known -> known.withAddress(identifier, at, cause));
    }

    private static Evidence evidence(AcceptedEvent event) {
        return Evidence.of(
                event.identifiers(), event.trust() == null ? Trust.TRUSTED : event.trust());
    }

    private static Occasion occasion(AcceptedEvent event) {
        return new Occasion(
                event.occurredAt().truncatedTo(ChronoUnit.MICROS),
                event.source(),
                event.messageId());
    }
}
