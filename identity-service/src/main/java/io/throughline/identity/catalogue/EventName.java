package io.throughline.identity.catalogue;

import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.util.Comparator;

/**
 * What an event is called.
 *
 * @param kind track, page or screen; the others have no name
 */
public record EventName(Kind kind, String name) {

    /** By name, as people look for it. */
    public static final Comparator<EventName> BY_NAME =
            Comparator.comparing(EventName::name).thenComparing(EventName::kind);
}
