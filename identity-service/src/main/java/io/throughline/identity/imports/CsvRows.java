package io.throughline.identity.imports;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.throughline.contracts.json.ContractJson;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.LegalBasis;
import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows of a CSV file with a header. An empty cell says nothing. */
public final class CsvRows implements RowReader {

    private static final CsvMapper MAPPER = new CsvMapper();
    private static final String DELIMITERS = ",;\t";
    private static final int MOST_COLUMNS = 500;

    private final ImportOptions options;
    private final Instant now;
    private final List<String> header;
    private final List<Column> columns;
    private final ObjectReader cells;

    private CsvRows(
            ImportOptions options,
            Instant now,
            List<String> header,
            List<Column> columns,
            char delimiter) {
        this.options = options;
        this.now = now;
        this.header = header;
        this.columns = columns;
        this.cells = reader(delimiter);
    }

    /** A header that cannot be read, field by field. */
    public static final class BadHeader extends RuntimeException {

        private final transient Map<String, String> flaws;

        BadHeader(Map<String, String> flaws) {
            super("the header cannot be read", null, false, false);
            this.flaws = Map.copyOf(flaws);
        }

        /** What is wrong, by the name of the column. */
        public Map<String, String> flaws() {
            return flaws;
        }
    }

    /** The cells of the header. */
    public static List<String> header(String line, ImportOptions options) {
        String text = line.startsWith("\uFEFF") ? line.substring(1) : line;
        try {
            List<String> header = new ArrayList<>(List.of(cells(text, delimiter(text, options))));
            header.replaceAll(String::strip);
            return header;
        } catch (IOException e) {
            throw new BadHeader(Map.of("header", "expected one line of column names"));
        }
    }

    /**
     * @param options with the delimiter
     * @throws BadHeader naming every column that nobody knows
     */
    public static CsvRows of(List<String> header, ImportOptions options, Instant now) {
        Map<String, String> flaws = new LinkedHashMap<>();
        List<Column> columns = new ArrayList<>();
        if (header.size() > MOST_COLUMNS) {
            flaws.put("header", "expected at most " + MOST_COLUMNS + " columns");
        }
        options.columns()
                .keySet()
                .forEach(name -> {
                    if (!header.contains(name)) {
                        flaws.put(name, "the file has no such column");
                    }
                });
        for (String name : header) {
            if (header.indexOf(name) != header.lastIndexOf(name)) {
                flaws.put(name, "there are two columns of this name");
            }
            try {
                columns.add(Column.of(options.columns().getOrDefault(name, name)));
            } catch (IllegalArgumentException e) {
                flaws.put(name, String.valueOf(e.getMessage()));
            }
        }
        if (flaws.isEmpty() && columns.stream().noneMatch(Column.Named.class::isInstance)) {
            flaws.put("header", "no column is an identifier, so no row would name anybody");
        }
        if (!flaws.isEmpty()) {
            throw new BadHeader(flaws);
        }
        return new CsvRows(options, now, header, columns, delimiter("", options));
    }

    @Override
    public boolean quoted() {
        return true;
    }

    @Override
    public Outcome read(long number, String line) {
        String[] row;
        try {
            row = cells.readValue(line);
        } catch (JsonProcessingException e) {
            return new Rejected(number, line, List.of("row: " + e.getOriginalMessage()));
        }
        if (row.length != columns.size()) {
            return new Rejected(
                    number,
                    line.replace("\u0000", ""),
                    List.of(
                            "row: has %d cells, the header has %d"
                                    .formatted(row.length, columns.size())));
        }
        Said said = new Said(options, now);
        Whole whole = new Whole();
        for (int i = 0; i < row.length; i++) {
            // As in JSON: a text that cannot be stored is told from one that is whole.
            String cell = row[i] == null ? "" : row[i].strip().replace('\u0000', '\uFFFD');
            if (!cell.isEmpty()) {
                take(said, whole, i, cell);
            }
        }
        whole.tell(said);
        return said.outcome(number, line.replace("\u0000", ""));
    }

    private void take(Said said, Whole whole, int i, String cell) {
        String name = header.get(i);
        switch (columns.get(i)) {
            case Column.Nothing() -> {}
            case Column.Named(String type) -> said.identifier(name, type, cell);
            case Column.Trait(String trait, Column.Type type) -> {
                Object value = value(said, name, type, cell);
                if (value != null) {
                    said.trait(trait, value);
                }
            }
            case Column.Consent(About about) -> whole.consents.put(name, Map.entry(about, cell));
            case Column.Fact(Column.Kind kind) -> {
                switch (kind) {
                    case TIME_ZONE -> said.timeZone(name, cell);
                    case LOCALE -> said.locale(cell);
                    case AT -> said.at(name, cell);
                    case CONSENT_AT -> whole.at = said.time(name, cell);
                    case CONSENT_SOURCE -> whole.source = cell;
                    case CONSENT_WORDING -> whole.wording = cell;
                    case CONSENT_LEGAL_BASIS -> whole.basis = said.legalBasis(name, cell);
                    case CONSENT_EVIDENCE -> whole.evidence = said.evidence(name, cell);
                }
            }
        }
    }

    /** What the row says of all its consents. */
    private static final class Whole {

        private final Map<String, Map.Entry<About, String>> consents = new LinkedHashMap<>();
        private @Nullable Instant at;
        private @Nullable String source;
        private @Nullable String wording;
        private @Nullable LegalBasis basis;
        private @Nullable Evidence evidence;

        void tell(Said said) {
            consents.forEach((name, consent) ->
                    said.consent(
                            name,
                            consent.getKey(),
                            consent.getValue(),
                            at,
                            source,
                            evidence,
                            wording,
                            basis));
        }
    }

    private static @Nullable Object value(Said said, String name, Column.Type type, String cell) {
        try {
            return switch (type) {
                case TEXT -> cell;
                case NUMBER -> number(cell);
                case BOOLEAN -> bool(cell);
                case JSON -> NdjsonRows.value(said, name, ContractJson.mapper().readTree(cell));
            };
        } catch (JsonProcessingException | IllegalArgumentException e) {
            said.wrong(name, "expected a " + type.name().toLowerCase(Locale.ROOT));
            return null;
        }
    }

    private static BigDecimal number(String cell) {
        BigDecimal number = new BigDecimal(cell);
        if (number.signum() != 0 && Math.abs((long) number.precision() - number.scale()) > 308) {
            throw new IllegalArgumentException("out of range");
        }
        return number.signum() == 0 ? BigDecimal.ZERO : number;
    }

    private static Boolean bool(String cell) {
        return switch (cell.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "1" -> true;
            case "false", "no", "0" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    /** The options with the delimiter that the header has, where they do not say. */
    public static ImportOptions withDelimiter(String header, ImportOptions options) {
        return options.withDelimiter(String.valueOf(delimiter(header, options)));
    }

    private static char delimiter(String header, ImportOptions options) {
        String said = options.delimiter();
        if (said != null) {
            return said.charAt(0);
        }
        char most = ',';
        long seen = 0;
        for (int i = 0; i < DELIMITERS.length(); i++) {
            char candidate = DELIMITERS.charAt(i);
            long count = header.chars().filter(c -> c == candidate).count();
            if (count > seen) {
                most = candidate;
                seen = count;
            }
        }
        return most;
    }

    private static String[] cells(String line, char delimiter) throws IOException {
        return reader(delimiter).readValue(line);
    }

    private static ObjectReader reader(char delimiter) {
        return MAPPER.readerFor(String[].class)
                .with(CsvSchema.emptySchema().withColumnSeparator(delimiter));
    }

    /**
     * A rejected row with what is wrong in a column of its own, in the place of what was wrong with
     * it before.
     */
    public static String rejected(Rejected row, List<String> header, char delimiter) {
        return without(
                        written(row, header, delimiter),
                        header.indexOf(Column.REASONS),
                        header.size(),
                        delimiter)
                + delimiter
                + cells(
                        List.of("row " + row.number() + ", " + String.join("; ", row.reasons())),
                        delimiter);
    }

    /** One that is not kept has its cells, and nothing in them. */
    private static String written(Rejected row, List<String> header, char delimiter) {
        return row.line().isEmpty()
                ? String.valueOf(delimiter).repeat(Math.max(0, header.size() - 1))
                : row.line();
    }

    private static String without(String line, int column, int columns, char delimiter) {
        if (column < 0) {
            return line;
        }
        try {
            List<String> cells = new ArrayList<>(List.of(cells(line, delimiter)));
            if (cells.size() != columns) {
                return line;
            }
            cells.remove(column);
            return cells(cells, delimiter);
        } catch (IOException e) {
            return line;
        }
    }

    /** The header of a file of rejected rows. */
    public static String line(List<String> header, char delimiter) {
        List<String> all = new ArrayList<>(header);
        all.remove(Column.REASONS);
        all.add(Column.REASONS);
        return cells(all, delimiter) + "\n";
    }

    private static String cells(List<String> cells, char delimiter) {
        try {
            return MAPPER.writer(
                            CsvSchema.emptySchema()
                                    .withColumnSeparator(delimiter)
                                    .withLineSeparator(""))
                    .writeValueAsString(cells.toArray(String[]::new));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
