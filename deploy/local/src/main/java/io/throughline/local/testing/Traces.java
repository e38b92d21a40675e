package io.throughline.local.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Looks for words in every column of every table of a database, whatever tables there are: what is
 * to be forgotten must not be found again in one that nobody thought of.
 */
public final class Traces {

    private static final String COLUMNS =
            """
            SELECT c.table_name, c.column_name, c.data_type
              FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
             ORDER BY 1, 2
            """;

    private Traces() {}

    private record Column(String table, String name, String type) {

        /** Bytes show their printable characters. */
        String text() {
            return type.equals("bytea")
                    ? "encode(\"%s\", 'escape')".formatted(name)
                    : "\"%s\"::text".formatted(name);
        }
    }

    /**
     * Where any of the words stands, each as {@code table.column: word}; upper and lower case are
     * the same.
     */
    public static List<String> of(
            String jdbcUrl, String user, String password, Collection<String> words) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl, user, password)) {
            List<String> found = new ArrayList<>();
            for (Column column : columns(connection)) {
                for (String word : words) {
                    if (isIn(connection, column, word)) {
                        found.add(column.table() + "." + column.name() + ": " + word);
                    }
                }
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException("the database cannot be searched", e);
        }
    }

    private static List<Column> columns(Connection connection) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(COLUMNS);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), rows.getString(2), rows.getString(3)));
            }
        }
        return columns;
    }

    private static boolean isIn(Connection connection, Column column, String word)
            throws SQLException {
        String search =
                "SELECT EXISTS (SELECT FROM \"%s\" WHERE strpos(lower(%s), lower(?)) > 0)"
                        .formatted(column.table(), column.text());
        try (PreparedStatement query = connection.prepareStatement(search)) {
            query.setString(1, word);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }
}
