package io.throughline.attribution.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A report that is a table too. */
interface Tabular {

    String CSV = "text/csv";

    List<String> columns();

    /** Cells in the order of the columns; null for an empty one. */
    List<List<@Nullable Object>> rows();

    /** A row, since {@code List.of} takes no nulls. */
    static List<@Nullable Object> row(@Nullable Object... cells) {
        return java.util.Arrays.asList(cells);
    }
}
