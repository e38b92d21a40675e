package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Ids;
import io.throughline.identity.imports.CsvRows;
import io.throughline.identity.imports.ImportOptions;
import io.throughline.identity.imports.ImportOptions.Format;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import io.throughline.identity.imports.ImportRow.Taken;
import io.throughline.identity.imports.Lines;
import io.throughline.identity.imports.Lines.Line;
import io.throughline.identity.imports.NdjsonRows;
import io.throughline.identity.imports.RowReader;
import io.throughline.identity.store.ImportStore;
import io.throughline.identity.store.ImportStore.Import;
import io.throughline.identity.store.ImportStore.Part;
import io.throughline.identity.store.ImportStore.Position;
import io.throughline.identity.store.ImportStore.State;
import io.throughline.identity.store.ImportStore.Step;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes files in, some rows at a time, each portion with how far it brings the import in one
 * transaction: so a row counts once, whichever process dies where. Any process may go on with it.
 */
@ApplicationScoped
public class Importing {

    private static final Logger LOG = Logger.getLogger(Importing.class);
    private static final long EVERY_MILLIS = 500;
    private static final Duration CLAIMED = Duration.ofSeconds(30);
    private static final int AT_ONCE = 500;
    private static final String LEFT_OUT = "row: could not be taken in, the log says why";

    /** So much of the file is at hand that a row, which is shorter, is whole. */
    private static final int AHEAD = 4 * Lines.LONGEST;

    private final Transactions transactions;
    private final ImportStore imports;
    private final ImportRows rows;
    private final Means means;
    private final LongWork<Running> going;

    /** Clock, dice and timers. */
    @ApplicationScoped
    static class Means {

        private final InstantSource clock;
        private final RandomGenerator random;
        private final Vertx vertx;

        Means(InstantSource clock, RandomGenerator random, Vertx vertx) {
            this.clock = clock;
            this.random = random;
            this.vertx = vertx;
        }

        Instant now() {
            return clock.instant();
        }

        UUID id() {
            return Ids.timeOrdered(clock.instant(), random);
        }

        void every(long millis, Runnable what) {
            vertx.setPeriodic(millis, timer -> what.run());
        }
    }

    Importing(Transactions transactions, ImportStore imports, ImportRows rows, Means means) {
        this.transactions = transactions;
        this.imports = imports;
        this.rows = rows;
        this.means = means;
        this.going =
                new LongWork<>(
                        LOG,
                        "an import",
                        running -> running.of().id(),
                        () ->
                                imports.claim(means.now(), means.now().plus(CLAIMED))
                                        .map(claimed -> claimed.map(this::goOn)),
                        running -> step(running, AT_ONCE),
                        running -> imports.release(running.of().id()));
    }

    void start(@Observes StartupEvent event) {
        means.every(EVERY_MILLIS, going::goOn);
    }

    /** Announces a file. */
    public Uni<Import> open(String name, ImportOptions options, String by) {
        UUID id = means.id();
        return imports.add(id, name, options, means.now(), by)
                .chain(() -> imports.find(id))
                .map(Optional::orElseThrow);
    }

    /** Takes a part of the file; one that comes again replaces itself. */
    public Uni<Boolean> put(UUID id, int number, byte[] body) {
        return imports.put(id, number, body);
    }

    /** Whether a file can be started with. */
    public sealed interface Begun {

        record Running(Import begun) implements Begun {}

        /** A part between others is missing, or all of them. */
        record Incomplete(long parts, int next) implements Begun {}

        record NotUploading() implements Begun {}
    }

    /**
     * Begins to take a file in.
     *
     * @throws CsvRows.BadHeader (as a failure) where the columns are not understood
     */
    public Uni<Begun> begin(Import announced) {
        UUID id = announced.id();
        if (announced.state() != State.UPLOADING) {
            return Uni.createFrom().item(new Begun.NotUploading());
        }
        return imports.uploaded(id)
                .chain(uploaded ->
                        !uploaded.isWhole() || uploaded.parts() == 0
                                ? Uni.createFrom()
                                        .item(
                                                (Begun)
                                                        new Begun.Incomplete(
                                                                uploaded.parts(), uploaded.next()))
                                : imports.parts(id, 0, AHEAD)
                                        .chain(parts ->
                                                begin(
                                                        announced,
                                                        uploaded.bytes(),
                                                        Loaded.of(parts, 0))));
    }

    private Uni<Begun> begin(Import announced, long bytes, Loaded loaded) {
        ImportOptions options = announced.options();
        List<String> header = null;
        int begins = 0;
        if (options.format() == Format.CSV) {
            List<Line> first = loaded.cut(0, true, 1);
            String line = first.isEmpty() ? "" : first.getFirst().text();
            options = CsvRows.withDelimiter(line, options);
            header = CsvRows.header(line, options);
            begins = first.isEmpty() ? 0 : first.getFirst().end();
            CsvRows.of(header, options, means.now());
        }
        return imports.start(announced.id(), header, bytes, begins, means.now(), options)
                .chain(started ->
                        started
                                ? imports.find(announced.id())
                                        .map(found ->
                                                (Begun) new Begun.Running(found.orElseThrow()))
                                        .invoke(going::goOn)
                                : Uni.createFrom().item(new Begun.NotUploading()));
    }

    public Uni<Optional<Import>> find(UUID id) {
        return imports.find(id);
    }

    public Uni<List<Import>> page(@Nullable UUID before, @Nullable Instant at, int most) {
        return imports.page(before, at, most);
    }

    /** Stops an import; what was taken in stays. */
    public Uni<Void> cancel(UUID id) {
        return imports.finish(id, State.CANCELLED, means.now());
    }

    public Uni<List<Rejected>> rejected(UUID id, long after, int most) {
        return imports.rejected(id, after, most);
    }

    /** What of the file is in memory. */
    private static final class Loaded {

        private final int part;
        private final byte[] bytes;
        private final List<Integer> lengths;
        private final boolean last;

        Loaded(int part, byte[] bytes, List<Integer> lengths, boolean last) {
            this.part = part;
            this.bytes = bytes;
            this.lengths = List.copyOf(lengths);
            this.last = last;
        }

        static Loaded nothing() {
            return new Loaded(-1, new byte[0], List.of(), false);
        }

        List<Line> cut(int from, boolean quoted, int most) {
            return Lines.cut(bytes, from, quoted, last, most);
        }

        static Loaded of(List<Part> parts, int from) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<Integer> lengths = new ArrayList<>();
            for (Part part : parts) {
                bytes.writeBytes(part.body().getBytes());
                lengths.add(part.body().length());
            }
            boolean last = parts.isEmpty() || parts.getLast().last();
            return new Loaded(from, bytes.toByteArray(), lengths, last);
        }

        boolean suffices(Position next) {
            return next.part() == part && (last || bytes.length - next.offset() >= AHEAD / 2);
        }

        /** Where in the file a byte of these stands. */
        Position position(int offset) {
            int left = offset;
            int number = part;
            for (int length : lengths) {
                if (left < length || number == part + lengths.size() - 1) {
                    break;
                }
                left -= length;
                number++;
            }
            return new Position(number, left);
        }
    }

    /** An import on its way. */
    private record Running(Import of, RowReader reader, Loaded loaded, Position next, long rows) {}

    private Running goOn(Import of) {
        return new Running(of, reader(of), Loaded.nothing(), of.next(), of.rows());
    }

    private RowReader reader(Import of) {
        return switch (of.options().format()) {
            case CSV ->
                    CsvRows.of(
                            Objects.requireNonNull(of.header(), "it was read at the start"),
                            of.options(),
                            of.createdAt());
            case NDJSON -> new NdjsonRows(of.options(), of.createdAt());
        };
    }

    private Uni<Optional<Running>> step(Running running, int most) {
        Position next = running.next();
        return running.loaded().suffices(next)
                ? portion(running, most)
                : imports.parts(running.of().id(), next.part(), (long) next.offset() + AHEAD)
                        .map(parts ->
                                new Running(
                                        running.of(),
                                        running.reader(),
                                        Loaded.of(parts, next.part()),
                                        next,
                                        running.rows()))
                        .chain(loaded -> portion(loaded, most));
    }

    private Uni<Optional<Running>> portion(Running running, int most) {
        return Uni.createFrom()
                .item(() -> read(running, most))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(portion ->
                        portion.isEmpty()
                                ? imports.finish(running.of().id(), State.FINISHED, means.now())
                                        .replaceWith(Optional.empty())
                                : take(running, portion));
    }

    /** Rows of a file, read and not yet taken in. */
    private record Portion(List<Outcome> outcomes, int lines, int from, int to) {

        boolean isEmpty() {
            return lines == 0;
        }
    }

    private static Portion read(Running running, int most) {
        int from = running.next().offset();
        List<Line> lines = running.loaded().cut(from, running.reader().quoted(), most);
        List<Outcome> outcomes = new ArrayList<>(lines.size());
        long number = running.rows();
        for (Line line : lines) {
            Outcome outcome = running.reader().read(++number, line);
            if (outcome == null) {
                number--;
            } else {
                outcomes.add(outcome);
            }
        }
        return new Portion(
                outcomes, lines.size(), from, lines.isEmpty() ? from : lines.getLast().end());
    }

    private Uni<Optional<Running>> take(Running running, Portion portion) {
        return attempt(running, portion)
                .onFailure(failure -> !Faults.passes(failure))
                .recoverWithUni(failure ->
                        portion.lines() > 1
                                ? oneByOne(running, portion.lines())
                                : leaveOut(running, portion, failure));
    }

    private Uni<Optional<Running>> attempt(Running running, Portion portion) {
        return transactions
                .inTransaction(tx ->
                        imports.lock(tx, running.of().id(), running.next())
                                .invoke(Importing::stillOurs)
                                .chain(() -> rows.apply(tx, running.of(), portion.outcomes()))
                                .call(result -> advance(tx, running, portion, result)))
                .call(result -> rows.loosen(result.loosened()))
                .replaceWith(() -> Optional.of(after(running, portion)));
    }

    /** Some row of the portion cannot be taken in; the others are. */
    private Uni<Optional<Running>> oneByOne(Running running, int lines) {
        Uni<Optional<Running>> all = Uni.createFrom().item(Optional.of(running));
        for (int i = 0; i < lines; i++) {
            all = all.chain(now -> step(now.orElseThrow(), 1));
        }
        return all;
    }

    private Uni<Optional<Running>> leaveOut(Running running, Portion portion, Throwable failure) {
        LOG.errorf(
                failure,
                "row %d of import %s cannot be taken in",
                running.rows() + 1,
                running.of().id());
        List<Rejected> refused =
                portion.outcomes().stream()
                        .map(outcome ->
                                switch (outcome) {
                                    case Rejected rejected -> rejected;
                                    case Taken taken -> taken.rejected(List.of(LEFT_OUT));
                                })
                        .toList();
        return transactions
                .inTransaction(tx ->
                        rows.refuse(tx, running.of(), refused)
                                .chain(result -> advance(tx, running, portion, result)))
                .replaceWith(() -> Optional.of(after(running, portion)));
    }

    private static Running after(Running running, Portion portion) {
        Position next = running.loaded().position(portion.to());
        Loaded loaded = running.loaded();
        return new Running(
                running.of(),
                running.reader(),
                loaded,
                next,
                running.rows() + portion.outcomes().size());
    }

    private Uni<Void> advance(
            SqlConnection tx, Running running, Portion portion, ImportRows.Result result) {
        List<Rejected> rejected = result.rejected();
        Step step =
                new Step(
                        running.next(),
                        running.loaded().position(portion.to()),
                        (long) portion.to() - portion.from(),
                        portion.outcomes().size(),
                        rejected,
                        result.created(),
                        result.merged(),
                        result.consents());
        UUID id = running.of().id();
        return imports.reject(tx, id, rejected)
                .chain(() -> imports.advance(tx, id, step, means.now().plus(CLAIMED)))
                .invoke(Importing::stillOurs)
                .replaceWithVoid();
    }

    /** Else nothing of the portion is kept, and nothing of it must be in force. */
    private static void stillOurs(boolean ours) {
        if (!ours) {
            throw new SurroundingsFault("it was cancelled, or another process goes on with it");
        }
    }
}
