package io.throughline.identity.imports;

import io.throughline.identity.imports.ImportRow.Outcome;
import io.throughline.identity.imports.ImportRow.Rejected;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads rows of one format. */
public sealed interface RowReader permits CsvRows, NdjsonRows {

    /** Whether a line break within quotes does not end a row. */
    boolean quoted();

    /**
     * @param number from 1, without the header
     */
    Outcome read(long number, String line);

    /** A line as it was cut. */
    default @Nullable Outcome read(long number, Lines.Line line) {
        String text = line.text();
        if (!line.readable()) {
            return new Rejected(number, text.replace("\u0000", ""), List.of("row: expected UTF-8"));
        }
        if (line.tooLong()) {
            return new Rejected(
                    number,
                    text.replace("\u0000", ""),
                    List.of("row: longer than 64 KB, or a quote in it is never closed"));
        }
        return text.isBlank() ? null : read(number, text);
    }
}
