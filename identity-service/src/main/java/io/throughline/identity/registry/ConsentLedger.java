package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.PermissionStore;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a consent down: ledger, what counts now, history, stream. */
@ApplicationScoped
class ConsentLedger {

    private final PermissionStore permissions;
    private final Suppressing suppressing;
    private final TimelineStore timeline;
    private final Outbox outbox;
    private final InstantSource clock;

    ConsentLedger(
            PermissionStore permissions,
            Suppressing suppressing,
            TimelineStore timeline,
            Outbox outbox,
            InstantSource clock) {
        this.permissions = permissions;
        this.suppressing = suppressing;
        this.timeline = timeline;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** Of an address that nobody is known to have only the ledger is told. */
    Uni<Void> write(SqlConnection tx, Consent consent) {
        CustomerId customer = consent.customer();
        Uni<Void> written =
                permissions.record(tx, consent).chain(() -> suppressing.heard(tx, consent));
        return customer == null
                ? written
                : Statements.inOneGo(
                        List.of(
                                written,
                                timeline.append(tx, List.of(entry(customer, consent))),
                                outbox.append(tx, List.of(event(customer, consent)))));
    }

    /** When something was last said of the same by this customer or for this address. */
    Uni<@Nullable Instant> newest(SqlConnection tx, Consent consent) {
        return permissions.newest(tx, consent);
    }

    static ConsentWrite forGate(Consent consent) {
        return new ConsentWrite(
                consent.customer(),
                consent.address(),
                consent.channel(),
                consent.topic(),
                consent.state(),
                consent.at());
    }

    private ConsentChanged event(CustomerId customer, Consent consent) {
        return new ConsentChanged(
                customer,
                consent.channel(),
                consent.topic(),
                consent.state(),
                consent.address(),
                consent.source(),
                consent.at(),
                clock.instant());
    }

    private static TimelineEntry entry(CustomerId customer, Consent consent) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("channel", consent.channel());
        if (consent.topic() != null) {
            entry.put("topic", consent.topic());
        }
        entry.put("state", consent.state());
        entry.put("source", consent.source());
        if (consent.address() != null) {
            entry.put("address", consent.address());
        }
        return new TimelineEntry(customer, consent.at(), "consent", entry);
    }
}
