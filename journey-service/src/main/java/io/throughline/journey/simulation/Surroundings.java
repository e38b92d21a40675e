package io.throughline.journey.simulation;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.journey.engine.Program;
import io.throughline.journey.store.Catalogue;
import io.throughline.journey.store.Catalogue.Standing;
import io.throughline.journey.store.Catalogue.Version;
import io.throughline.journey.store.JourneyStatus;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What a draft is tried among: the active journeys, the paused ones, whose conversions silence as
 * before, and the contact policy in force.
 */
@ApplicationScoped
class Surroundings {

    private final Transactions transactions;
    private final Catalogue catalogue;

    Surroundings(Transactions transactions, Catalogue catalogue) {
        this.transactions = transactions;
        this.catalogue = catalogue;
    }

    record Around(List<Program> active, List<Program> paused, ContactPolicy policy) {}

    Uni<Around> read() {
        return transactions.inTransaction(this::read);
    }

    private Uni<Around> read(SqlConnection tx) {
        return catalogue
                .journeys(tx)
                .chain(journeys ->
                        programs(tx, journeys.values(), JourneyStatus.ACTIVE)
                                .chain(active ->
                                        programs(tx, journeys.values(), JourneyStatus.PAUSED)
                                                .chain(paused -> around(tx, active, paused))));
    }

    private Uni<Around> around(SqlConnection tx, List<Program> active, List<Program> paused) {
        return catalogue.policy(tx).map(policy -> new Around(active, paused, policy));
    }

    private Uni<List<Program>> programs(
            SqlConnection tx, Collection<Standing> journeys, JourneyStatus status) {
        return catalogue
                .programs(tx, versions(journeys, status))
                .map(programs ->
                        programs.values().stream()
                                .sorted(Comparator.comparing(Program::journey))
                                .toList());
    }

    private static List<Version> versions(Collection<Standing> journeys, JourneyStatus status) {
        List<Version> versions = new ArrayList<>();
        for (Standing journey : journeys) {
            Integer version = journey.activeVersion();
            if (version != null && journey.status() == status) {
                versions.add(new Version(journey.journey(), version));
            }
        }
        return versions;
    }
}
