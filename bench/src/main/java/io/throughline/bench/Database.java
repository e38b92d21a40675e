package io.throughline.bench;

import io.throughline.local.LocalSettings;
import io.throughline.local.Service;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * A service's own tables: to look where nothing public tells, and to put there what would take too
 * long to come by the front door. For one thread at a time.
 */
final class Database implements AutoCloseable {

    private final Connection connection;

    Database(LocalSettings settings, Service service) throws SQLException {
        connection =
                DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:%d/%s"
                                .formatted(settings.postgresPort(), service.label()),
                        service.label(),
                        LocalSettings.DATABASE_PASSWORD);
    }

    /** How many rows a statement changed. */
    int change(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    /** The number that a query answers. */
    long number(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new IllegalStateException("no answer to " + sql);
            }
            return rows.getLong(1);
        }
    }

    /** Whether a query finds anything. */
    boolean finds(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepared(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            return rows.next();
        }
    }

    /** A parameter for {@code unnest}. */
    Array array(String... texts) throws SQLException {
        return connection.createArrayOf("text", texts);
    }

    private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
