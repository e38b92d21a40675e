package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.resolution.Changes;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.SuppressionStore;
import io.throughline.identity.store.SuppressionStore.Place;
import io.throughline.identity.store.SuppressionStore.Suppressed;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whose data was erased is not written to again only because her address is imported again: where
 * an address becomes somebody's, it is opted out if an erased customer had it.
 */
@ApplicationScoped
class Suppressing {

    private static final String SOURCE = "erasure";

    private final SuppressionStore suppressions;
    private final TimelineStore timeline;

    Suppressing(SuppressionStore suppressions, TimelineStore timeline) {
        this.suppressions = suppressions;
        this.timeline = timeline;
    }

    /** Stores the opt-outs of addresses that customers have from now on; the gate comes next. */
    Uni<Void> recall(SqlConnection tx, List<Changes.Placed> arrived) {
        Map<Place, CustomerId> holders = new HashMap<>();
        for (Changes.Placed placed : arrived) {
            for (Channel channel : Channel.values()) {
                if (Identifiers.isAddressOf(placed.identifier(), channel)) {
                    holders.put(
                            new Place(channel, placed.identifier().value()),
                            placed.standing().customer());
                }
            }
        }
        return suppressions
                .recall(tx, List.copyOf(holders.keySet()))
                .chain(found ->
                        timeline.append(
                                tx,
                                found.stream()
                                        .map(s -> entry(holder(holders, s.place()), s))
                                        .toList()));
    }

    /** Somebody asks for messages to an address herself: that ends what an erasure left behind. */
    Uni<Void> heard(SqlConnection tx, Consent consent) {
        String address = consent.address();
        return consent.state() == ConsentState.OPTED_IN
                        && consent.topic() == null
                        && address != null
                ? suppressions.lift(tx, new Place(consent.channel(), address), consent.at())
                : Uni.createFrom().voidItem();
    }

    private static CustomerId holder(Map<Place, CustomerId> holders, Place place) {
        return Objects.requireNonNull(holders.get(place), "only these were asked for");
    }

    private static TimelineEntry entry(CustomerId customer, Suppressed suppressed) {
        return new TimelineEntry(
                customer,
                suppressed.since(),
                "consent",
                Map.of(
                        "channel",
                        suppressed.place().channel(),
                        "state",
                        ConsentState.OPTED_OUT,
                        "source",
                        SOURCE,
                        "address",
                        suppressed.place().address()));
    }
}
