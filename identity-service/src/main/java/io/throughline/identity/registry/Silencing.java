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

/**
 * Begins the silences that conversions ask for: stored, then in force at the gate, then told of
 * with the time at which they were. One that is lifted is stored, and the gate is told by {@link
 * Restating} once that is committed, so that it is never looser than the ledger.
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

    /** What a silence is known by. */
    private record Known(CustomerId customer, String cause) {

        static Known of(SilenceWrite silence) {
            return new Known(silence.customer(), silence.cause());
        }
    }

    /** A silence as one event asks for it. */
    private record Asked(SilenceWrite silence, Owned by) {

        static Asked longer(Asked one, Asked other) {
            return other.silence().until().isAfter(one.silence().until()) ? other : one;
        }
    }

    Uni<Void> begin(SqlConnection tx, List<Owned> events) {
        List<SilenceWrite> silences = new ArrayList<>();
        Map<Known, Asked> longest = new HashMap<>();
        for (Owned owned : events) {
            for (SilenceWrite silence : conversions.silencesOf(owned.customer(), owned.event())) {
                silences.add(silence);
                if (!silence.lifted()) {
                    longest.merge(Known.of(silence), new Asked(silence, owned), Asked::longer);
                }
            }
        }
        return permissions.silence(tx, silences).chain(news -> inForce(tx, news, longest));
    }

    private Uni<Void> inForce(
            SqlConnection tx, List<SilenceWrite> news, Map<Known, Asked> longest) {
        List<CustomerId> lifted =
                news.stream()
                        .filter(SilenceWrite::lifted)
                        .map(SilenceWrite::customer)
                        .distinct()
                        .toList();
        List<SilenceWrite> begun = news.stream().filter(silence -> !silence.lifted()).toList();
        return enforcement
                .silences(begun)
                .chain(() -> outbox.append(tx, told(begun, longest, clock.instant())))
                .chain(() -> permissions.restate(tx, lifted));
    }

    /** Of a silence that changed nothing nobody is told. */
    private static List<SilenceBegun> told(
            List<SilenceWrite> begun, Map<Known, Asked> longest, Instant inForceAt) {
        List<SilenceBegun> told = new ArrayList<>(begun.size());
        for (SilenceWrite silence : begun) {
            Asked asked = longest.get(Known.of(silence));
            if (asked != null) {
                told.add(told(silence, asked.by(), inForceAt));
            }
        }
        return told;
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
