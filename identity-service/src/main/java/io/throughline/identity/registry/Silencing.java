package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** Begins the silences that conversions ask for: stored, then in force at the gate. */
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
            conversions
                    .silencesOf(owned.event())
                    .forEach(silence ->
                            silences.add(
                                    new SilenceWrite(
                                            owned.customer(), silence.journey(), silence.until())));
        }
        return permissions.silence(tx, silences).chain(enforcement::silences);
    }
}
