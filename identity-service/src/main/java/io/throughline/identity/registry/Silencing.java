package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Begins the silences that conversions ask for: stored, then in force at the gate, then told of
 * with the time at which they were.
 */
@ApplicationScoped
class Silencing {

    private final Conversions conversions;
    private final PermissionStore permissions;
    private final Enforcement enforcement;
    private final Outbox outbox;
    private final InstantSource clock;

    Silencing(
            Conversions conversions,
            PermissionStore permissions,
            Enforcement enforcement,
            Outbox outbox,
            InstantSource clock) {
        this.conversions = conversions;
        this.permissions = permissions;
        this.enforcement = enforcement;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** What a silence is known by: whose, and what it covers. */
    private record Scope(CustomerId customer, @Nullable String journey) {}

    Uni<Void> begin(SqlConnection tx, List<Owned> events) {
        List<SilenceWrite> silences = new ArrayList<>();
        Map<Scope, Owned> longest = new HashMap<>();
        Map<Scope, Instant> until = new HashMap<>();
        for (Owned owned : events) {
            conversions
                    .silencesOf(owned.event())
                    .forEach(silence -> {
                        silences.add(
                                new SilenceWrite(
                                        owned.customer(), silence.journey(), silence.until()));
                        Scope scope = new Scope(owned.customer(), silence.journey());
                        Instant before = until.get(scope);
                        if (before == null || silence.until().isAfter(before)) {
                            until.put(scope, silence.until());
                            longest.put(scope, owned);
                        }
                    });
        }
        return permissions
                .silence(tx, silences)
                .call(enforcement::silences)
                .chain(begun -> outbox.append(tx, told(begun, longest, clock.instant())));
    }

    /** Of a silence that changed nothing nobody is told. */
    private static List<SilenceBegun> told(
            List<SilenceWrite> begun, Map<Scope, Owned> by, Instant inForceAt) {
        return begun.stream()
                .map(silence ->
                        told(
                                silence,
                                Objects.requireNonNull(
                                        by.get(new Scope(silence.customer(), silence.journey()))),
                                inForceAt))
                .toList();
    }

    private static SilenceBegun told(SilenceWrite silence, Owned by, Instant inForceAt) {
        AcceptedEvent event = by.event();
        return new SilenceBegun(
                silence.customer(),
                event.messageId(),
                event.source(),
                event.name() == null ? "" : event.name(),
                silence.journey(),
                silence.until(),
                event.occurredAt(),
                event.sentAt(),
                event.receivedAt(),
                inForceAt,
                by.sighting());
    }
}
