package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ConsentState;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.imports.ImportRow;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.ImportRow.SaidConsent;
import io.throughline.identity.imports.ImportRow.Taken;
import io.throughline.identity.store.ImportStore;
import io.throughline.identity.store.ImportStore.Import;
import io.throughline.identity.store.SuppressionStore;
import io.throughline.identity.store.SuppressionStore.Place;
import io.throughline.identity.store.SuppressionStore.Suppressed;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is wrong with rows of an import that only what is stored can tell. */
@ApplicationScoped
class ImportChecks {

    private static final String ERASED =
            "row: somebody it names was erased after this file was announced; it is not kept";

    private final ImportStore imports;
    private final SuppressionStore suppressions;
    private final ErasedBefore erased;

    ImportChecks(ImportStore imports, SuppressionStore suppressions, ErasedBefore erased) {
        this.imports = imports;
        this.suppressions = suppressions;
        this.erased = erased;
    }

    /** Rows that can be taken in, and those that cannot. */
    record Screened(List<ImportRow> fine, List<Rejected> rejected) {}

    /**
     * Tells rows that can be taken in from those that cannot. Of a row that names somebody who was
     * erased since, whatever else is wrong with it, nothing is kept.
     */
    Uni<Screened> screen(SqlConnection tx, Import of, List<Outcome> outcomes) {
        List<Taken> taken =
                outcomes.stream().filter(Taken.class::isInstance).map(Taken.class::cast).toList();
        return Uni.combine()
                .all()
                .unis(
                        imports.unknownWordings(tx, wordings(taken)),
                        suppressions.suppressed(tx, places(taken)),
                        gone(tx, of, outcomes))
                .with((unregistered, suppressed, gone) ->
                        screened(
                                outcomes,
                                Set.copyOf(unregistered),
                                suppressed.stream()
                                        .map(Suppressed::place)
                                        .collect(Collectors.toSet()),
                                gone));
    }

    /**
     * To be asked again once the rows' customers are locked, as {@link ErasedBefore#since} is.
     *
     * @throws io.throughline.chassis.stream.SurroundingsFault (as a failure) when somebody they
     *     name was erased meanwhile
     */
    Uni<Void> since(SqlConnection tx, Import of, List<ImportRow> rows) {
        return erased.since(tx, rows, ImportRow::identifiers, row -> of.createdAt());
    }

    private Uni<Set<Outcome>> gone(SqlConnection tx, Import of, List<Outcome> outcomes) {
        return erased.of(tx, outcomes, Outcome::named, outcome -> of.createdAt());
    }

    private static Screened screened(
            List<Outcome> outcomes,
            Set<String> unregistered,
            Set<Place> suppressed,
            Set<Outcome> gone) {
        List<ImportRow> fine = new ArrayList<>();
        List<Rejected> rejected = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (gone.contains(outcome)) {
                rejected.add(Rejected.forgotten(outcome.number(), ERASED));
                continue;
            }
            switch (outcome) {
                case Rejected known -> rejected.add(known);
                case Taken taken -> {
                    List<String> flaws = flaws(taken, unregistered, suppressed);
                    if (flaws.isEmpty()) {
                        fine.add(taken.row());
                    } else {
                        rejected.add(taken.rejected(flaws));
                    }
                }
            }
        }
        return new Screened(fine, rejected);
    }

    private static List<String> flaws(
            Taken taken, Set<String> unregistered, Set<Place> suppressed) {
        List<String> flaws = new ArrayList<>();
        Set<String> missing = wordings(taken);
        missing.retainAll(unregistered);
        if (!missing.isEmpty()) {
            flaws.add(
                    "wording: nobody registered %s at /api/consent-wordings"
                            .formatted(String.join(", ", missing)));
        }
        if (places(taken).anyMatch(suppressed::contains)) {
            flaws.add(
                    "consent: who had this address was erased; only her own opt-in counts, by"
                            + " /api/consents or a confirmed request");
        }
        return flaws;
    }

    /** Where the rows say that messages may go. */
    private static List<Place> places(List<Taken> rows) {
        return rows.stream().flatMap(ImportChecks::places).distinct().toList();
    }

    private static Stream<Place> places(Taken taken) {
        ImportRow row = taken.row();
        return row.consents().stream()
                .filter(said -> said.state() == ConsentState.OPTED_IN)
                .flatMap(said ->
                        row.identifiers().stream()
                                .filter(i -> Identifiers.isAddressOf(i, said.about().channel()))
                                .map(i -> new Place(said.about().channel(), i.value())));
    }

    private static List<String> wordings(List<Taken> rows) {
        return rows.stream().flatMap(row -> wordings(row).stream()).distinct().toList();
    }

    private static Set<String> wordings(Taken taken) {
        return taken.row().consents().stream()
                .map(SaidConsent::wording)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(HashSet::new));
    }
}
