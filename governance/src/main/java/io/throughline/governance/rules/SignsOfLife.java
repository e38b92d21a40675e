package io.throughline.governance.rules;

import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * By what a customer did herself it is seen that she engages: she was on the site or in the app, or
 * bought something. What a server tells of her (a parcel that left, a nightly copy of a profile)
 * shows nothing of the kind. That an event is a conversion by somebody's rules does too, which is
 * for the caller to know.
 */
public final class SignsOfLife {

    /**
     * What the libraries of browsers and apps say of where they run, and those of servers do not.
     */
    private static final Set<String> OF_A_DEVICE =
            Set.of("page", "screen", "app", "device", "userAgent");

    private static final Set<String> ORDERS = Set.of("Order Completed", "Completed Order");

    private SignsOfLife() {}

    /**
     * @param name of a track call
     * @param context as its sender gave it
     */
    public static boolean shows(Kind kind, @Nullable String name, Map<String, Object> context) {
        return switch (kind) {
            case PAGE, SCREEN -> true;
            case TRACK ->
                    (name != null && ORDERS.contains(name))
                            || OF_A_DEVICE.stream().anyMatch(context::containsKey);
            case IDENTIFY, GROUP, ALIAS -> false;
        };
    }

    /** When it was: senders' clocks go wrong, and nothing happened after it was heard of. */
    public static Instant at(Instant occurredAt, Instant receivedAt) {
        return occurredAt.isAfter(receivedAt) ? receivedAt : occurredAt;
    }
}
