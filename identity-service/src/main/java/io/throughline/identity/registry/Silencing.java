package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
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
 * with the time at which they were. One that is lifted is stored and told of, and the gate is told
 * by {@link Restating} once that is committed, so that it is never looser than the ledger.
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

    /** What the events of a batch ask for: of silences the longest of each, of liftings all. */
    private static final class Requests {

        private final List<SilenceWrite> silences = new ArrayList<>();
        private final Map<Known, Asked> longest = new HashMap<>();
        private final Map<Known, List<Asked>> liftings = new HashMap<>();

        void add(SilenceWrite silence, Owned by) {
            silences.add(silence);
            Known known = Known.of(silence);
            Asked asked = new Asked(silence, by);
            if (silence.lifted()) {
                liftings.computeIfAbsent(known, key -> new ArrayList<>()).add(asked);
            } else {
                longest.merge(known, asked, Asked::longer);
            }
        }
    }

    Uni<Void> begin(SqlConnection tx, List<Owned> events) {
        Requests requests = new Requests();
        for (Owned owned : events) {
            for (SilenceWrite silence : conversions.silencesOf(owned.customer(), owned.event())) {
                requests.add(silence, owned);
            }
        }
        return permissions
                .silence(tx, requests.silences)
                .chain(news -> inForce(tx, news, requests));
    }

    private Uni<Void> inForce(SqlConnection tx, List<SilenceWrite> news, Requests requests) {
        List<CustomerId> lifted =
                news.stream()
                        .filter(SilenceWrite::lifted)
                        .map(SilenceWrite::customer)
                        .distinct()
                        .toList();
        List<SilenceWrite> begun = news.stream().filter(silence -> !silence.lifted()).toList();
        return enforcement
                .silences(begun)
                .chain(() -> outbox.append(tx, told(news, requests, clock.instant())))
                .chain(() -> permissions.restate(tx, lifted));
    }

    /** Of a silence or a lifting that changed nothing nobody is told. */
    private static List<CustomerEvent> told(
            List<SilenceWrite> news, Requests requests, Instant inForceAt) {
        List<CustomerEvent> told = new ArrayList<>(news.size());
        for (SilenceWrite silence : news) {
            Known known = Known.of(silence);
            Asked asked = requests.longest.get(known);
            if (asked != null && !silence.lifted()) {
                told.add(begun(silence, asked.by(), inForceAt));
            }
            for (Asked lifting : requests.liftings.getOrDefault(known, List.of())) {
                told.add(lifted(lifting.silence(), lifting.by()));
            }
        }
        return told;
    }

    private static SilenceBegun begun(SilenceWrite silence, Owned by, Instant inForceAt) {
        AcceptedEvent event = by.event();
        return new SilenceBegun(
                silence.customer(),
                event.messageId(),
                event.source(),
                name(event),
                silence.journey(),
                silence.until(),
                event.occurredAt(),
                event.sentAt(),
                event.receivedAt(),
                inForceAt,
                by.sighting(),
                silence.cause(),
                silence.categories().isEmpty() ? null : silence.categories(),
                silence.at());
    }

    private static SilenceLifted lifted(SilenceWrite lifting, Owned by) {
        AcceptedEvent event = by.event();
        return new SilenceLifted(
                lifting.customer(),
                event.messageId(),
                event.source(),
                name(event),
                lifting.cause(),
                lifting.at(),
                event.receivedAt(),
                by.sighting());
    }

    private static String name(AcceptedEvent event) {
        return event.name() == null ? "" : event.name();
    }
}
