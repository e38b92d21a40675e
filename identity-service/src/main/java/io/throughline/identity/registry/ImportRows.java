package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.imports.ImportRow;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.ImportRow.SaidConsent;
import io.throughline.identity.imports.ImportRow.Taken;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.ImportStore;
import io.throughline.identity.store.ImportStore.Import;
import io.throughline.identity.store.SuppressionStore;
import io.throughline.identity.store.SuppressionStore.Place;
import io.throughline.identity.store.SuppressionStore.Suppressed;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows of an import in: whose they are, what they say of traits, what was consented to. No
 * behaviour is told, so an import starts no journey.
 */
@ApplicationScoped
class ImportRows {

    private final Resolving resolving;
    private final ConsentLedger ledger;
    private final ConsentEnforcement enforcement;
    private final ImportStore imports;
    private final SuppressionStore suppressions;

    ImportRows(
            Resolving resolving,
            ConsentLedger ledger,
            ConsentEnforcement enforcement,
            ImportStore imports,
            SuppressionStore suppressions) {
        this.resolving = resolving;
        this.ledger = ledger;
        this.enforcement = enforcement;
        this.imports = imports;
        this.suppressions = suppressions;
    }

    /**
     * What came of rows.
     *
     * @param loosened to be put in force once it is committed
     */
    record Result(
            int created,
            int merged,
            int consents,
            List<Rejected> rejected,
            List<Consent> loosened) {}

    /** Takes rows in, in the caller's transaction; of a dry run only what would come of it. */
    Uni<Result> apply(SqlConnection tx, Import of, List<Taken> rows) {
        return Uni.combine()
                .all()
                .unis(
                        imports.unknownWordings(tx, wordings(rows)),
                        suppressions.suppressed(tx, places(rows)))
                .asTuple()
                .chain(known -> {
                    Set<String> unregistered = Set.copyOf(known.getItem1());
                    Set<Place> suppressed =
                            known.getItem2().stream()
                                    .map(Suppressed::place)
                                    .collect(Collectors.toSet());
                    List<Rejected> rejected = new ArrayList<>();
                    List<ImportRow> fine = new ArrayList<>();
                    for (Taken taken : rows) {
                        List<String> flaws = flaws(taken, unregistered, suppressed);
                        if (flaws.isEmpty()) {
                            fine.add(taken.row());
                        } else {
                            rejected.add(new Rejected(taken.row().number(), taken.line(), flaws));
                        }
                    }
                    return take(tx, of, fine, rejected);
                });
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
        return rows.stream().flatMap(ImportRows::places).distinct().toList();
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

    /** What only holds once it is committed. */
    Uni<Void> loosen(List<Consent> consents) {
        return enforcement.loosen(consents);
    }

    private Uni<Result> take(
            SqlConnection tx, Import of, List<ImportRow> rows, List<Rejected> rejected) {
        List<Statement> statements =
                rows.stream().map(row -> Statement.of(event(of, row))).toList();
        boolean keep = !of.options().dryRun();
        return resolving
                .take(tx, statements, keep)
                .chain(taken -> {
                    List<Consent> consents = new ArrayList<>();
                    if (keep) {
                        for (int i = 0; i < rows.size(); i++) {
                            CustomerId customer = taken.owner().apply(statements.get(i));
                            consents.addAll(consents(of, rows.get(i), customer));
                        }
                    }
                    Result result =
                            new Result(
                                    taken.changes().created().size(),
                                    taken.changes().merges().size(),
                                    rows.stream().mapToInt(row -> row.consents().size()).sum(),
                                    rejected,
                                    consents.stream()
                                            .filter(c -> c.state() == ConsentState.OPTED_IN)
                                            .toList());
                    return ledger.write(tx, consents)
                            // Before it is committed, so that it is never stored and not kept.
                            .chain(() -> enforcement.tighten(consents))
                            .replaceWith(result);
                });
    }

    private static AcceptedEvent event(Import of, ImportRow row) {
        Instant at = at(of, row.at());
        Map<String, Object> context = new HashMap<>();
        if (row.timeZone() != null) {
            context.put("timezone", row.timeZone());
        }
        if (row.locale() != null) {
            context.put("locale", row.locale());
        }
        return new AcceptedEvent(
                "import:" + of.id() + ":" + row.number(),
                of.options().source(),
                AcceptedEvent.Kind.IDENTIFY,
                null,
                row.identifiers(),
                Map.of(),
                row.traits(),
                context,
                at,
                of.createdAt(),
                null,
                null,
                null,
                Trust.TRUSTED);
    }

    private static List<Consent> consents(Import of, ImportRow row, CustomerId customer) {
        return row.consents().stream().map(said -> consent(of, row, said, customer)).toList();
    }

    /** For the address of the channel, where the row has one. */
    private static Consent consent(
            Import of, ImportRow row, SaidConsent said, CustomerId customer) {
        Identifier under =
                row.identifiers().stream()
                        .filter(i -> Identifiers.isAddressOf(i, said.about().channel()))
                        .findFirst()
                        .orElse(row.identifiers().getFirst());
        boolean address = Identifiers.isAddressOf(under, said.about().channel());
        String source = said.source();
        return new Consent(
                customer,
                under,
                said.about().channel(),
                said.about().topic(),
                said.state(),
                address ? under.value() : null,
                new Provenance(
                        source == null ? of.options().source() : source,
                        said.evidence(),
                        said.wording(),
                        said.legalBasis(),
                        "import " + of.id()),
                at(of, said.at()));
    }

    private static Instant at(Import of, @Nullable Instant said) {
        Instant given = said == null ? of.options().at() : said;
        return Objects.requireNonNullElse(given, of.createdAt()).truncatedTo(ChronoUnit.MILLIS);
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
