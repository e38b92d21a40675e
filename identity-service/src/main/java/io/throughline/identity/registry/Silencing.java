package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * Begins the silences that conversions ask for: stored, then in force at the gate. One that is
 * lifted is stored, and the gate is told by {@link Restating} once that is committed, so that it is
 * never looser than the ledger.
 */
@ApplicationScoped
class Silencing {

    private final Conversions conversions;
    private final PermissionStore permissions;
    private final Enforcement enforcement;

    Silencing(Conversions conversions, PermissionStore permissions, Enforcement enforcement) {
        this.conversions = conversions;
        this.permissions = permissions;
        this.enforcement = enforcement;
    }

    Uni<Void> begin(SqlConnection tx, List<Owned> events) {
        List<SilenceWrite> silences = new ArrayList<>();
        for (Owned owned : events) {
            silences.addAll(conversions.silencesOf(owned.customer(), owned.event()));
        }
        return permissions.silence(tx, silences).chain(news -> inForce(tx, news));
    }

    private Uni<Void> inForce(SqlConnection tx, List<SilenceWrite> news) {
        List<CustomerId> lifted =
                news.stream()
                        .filter(SilenceWrite::lifted)
                        .map(SilenceWrite::customer)
                        .distinct()
                        .toList();
        return enforcement
                .silences(news.stream().filter(silence -> !silence.lifted()).toList())
                .chain(() -> permissions.restate(tx, lifted));
    }
}
