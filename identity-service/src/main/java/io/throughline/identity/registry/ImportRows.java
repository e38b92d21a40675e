package io.throughline.identity.registry;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.imports.ImportRow;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.ImportRow.SaidConsent;
import io.throughline.identity.registry.ConsentLedger.Earlier;
import io.throughline.identity.registry.ConsentLedger.Times;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.ImportStore.Import;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final ImportChecks checks;

    ImportRows(
            Resolving resolving,
            ConsentLedger ledger,
            ConsentEnforcement enforcement,
            ImportChecks checks) {
        this.resolving = resolving;
        this.ledger = ledger;
        this.enforcement = enforcement;
        this.checks = checks;
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
    Uni<Result> apply(SqlConnection tx, Import of, List<Outcome> rows) {
        return checks.screen(tx, of, rows)
                .chain(screened -> take(tx, of, screened.fine(), screened.rejected()));
    }

    /** What is kept of rows that cannot be taken in. */
    Uni<Result> refuse(SqlConnection tx, Import of, List<Rejected> rows) {
        return checks.screen(tx, of, List.copyOf(rows))
                .map(screened -> new Result(0, 0, 0, screened.rejected(), List.of()));
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
                .call(() -> checks.since(tx, of, rows))
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
                    return keep(tx, consents).replaceWith(result);
                });
    }

    /** Opt-outs are in force before it is committed, so that none is stored and not kept. */
    private Uni<Void> keep(SqlConnection tx, List<Consent> consents) {
        return ledger.dated(tx, consents)
                .chain(dated ->
                        ledger.write(tx, dated.latest())
                                .chain(() -> enforcement.tighten(dated.latest()))
                                .chain(() -> keepEarlier(tx, dated.earlier())));
    }

    /** A merge has kept the more restrictive since, and what is read only now does not lift it. */
    private Uni<Void> keepEarlier(SqlConnection tx, List<Earlier> said) {
        return Multi.createFrom()
                .iterable(said)
                .onItem()
                .transformToUniAndConcatenate(earlier -> keep(tx, earlier))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> keep(SqlConnection tx, Earlier earlier) {
        return ledger.storeReported(tx, earlier)
                .call(standing -> enforcement.tighten(earlier, standing))
                .chain(standing ->
                        ledger.tellBeforeMerge(
                                tx, earlier.consent(), earlier.now(), standing, Times.UNKNOWN));
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
}
