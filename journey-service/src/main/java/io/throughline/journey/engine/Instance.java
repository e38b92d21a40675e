package io.throughline.journey.engine;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One customer in one journey version, as it is stored between two inputs. An instance that has
 * left is not stored as one: its last effect is the {@code Left} record.
 *
 * @param heldOut runs as a ghost: the same decisions, and nothing is sent
 * @param waiting what it stands at and waits for
 * @param progress steps completed so far; never falls
 * @param trigger what led in
 * @param lastEvent {@code messageId} of the last event that moved it, so that its repetition does
 *     not; absent where none has yet
 */
public record Instance(
        UUID id,
        CustomerId customer,
        String journey,
        int version,
        boolean heldOut,
        Waiting waiting,
        int progress,
        Instant enteredAt,
        Trigger trigger,
        @Nullable String lastEvent) {

    /** The path of the step it stands at. */
    public String step() {
        return waiting.step();
    }

    /**
     * The event that led in; conditions and templates read it as {@code event} for as long as the
     * journey runs.
     */
    public record Trigger(
            String messageId, @Nullable String name, Map<String, Object> properties) {}

    Instance at(Waiting next, int progressNow) {
        return new Instance(
                id,
                customer,
                journey,
                version,
                heldOut,
                next,
                progressNow,
                enteredAt,
                trigger,
                lastEvent);
    }

    Instance movedBy(String event) {
        return new Instance(
                id, customer, journey, version, heldOut, waiting, progress, enteredAt, trigger,
                event);
    }

    Instance of(CustomerId survivor) {
        return new Instance(
                id, survivor, journey, version, heldOut, waiting, progress, enteredAt, trigger,
                lastEvent);
    }
}
