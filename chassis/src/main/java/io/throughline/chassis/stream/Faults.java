package io.throughline.chassis.stream;

import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a fault of the surroundings, which passes, from one of the record or of our code, which
 * does not.
 */
public final class Faults {

    private static final String BAD_CHARACTER = "22021";
    private static final String UNTRANSLATABLE_CHARACTER = "22P05";

    /**
     * What the database client says, in no class of its own, while this process goes down, and
     * where a transaction found no connection free in time.
     */
    private static final Set<String> OF_THE_POOL = Set.of("Pool closed", "Timeout");

    private Faults() {}

    /** Whether the same work may well succeed later. */
    public static boolean passes(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (passesByItself(cause)) {
                return true;
            }
        }
        return false;
    }

    /** Whether PostgreSQL refused a text for U+0000 in it, which stands in whatever was asked. */
    public static boolean isUnstorableText(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String sqlState =
                    switch (cause) {
                        case PgException pg -> pg.getSqlState();
                        case SQLException sql -> sql.getSQLState();
                        default -> null;
                    };
            if (BAD_CHARACTER.equals(sqlState) || UNTRANSLATABLE_CHARACTER.equals(sqlState)) {
                return true;
            }
        }
        return false;
    }

    private static boolean passesByItself(Throwable failure) {
        return switch (failure) {
            case SurroundingsFault fault -> true;
            case PgException pg -> passes(pg.getSqlState());
            case SQLException sql -> passes(sql.getSQLState());
            case IOException io -> !(io instanceof com.fasterxml.jackson.core.JacksonException);
            case TimeoutException timeout -> true;
            case io.smallrye.mutiny.TimeoutException timeout -> true;
            case RetriableException kafka -> true;
            case ConnectionPoolTooBusyException busy -> true;
            case VertxException vertx -> true;
            case NoStackTraceThrowable vertx -> OF_THE_POOL.contains(vertx.getMessage());
            default -> false;
        };
    }

    /**
     * PostgreSQL error classes that pass: connection (08), rollback such as a deadlock (40),
     * resources (53), lock not available (55), operator intervention such as a shutdown (57),
     * system (58).
     */
    private static boolean passes(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.startsWith("08")
                        || sqlState.startsWith("40")
                        || sqlState.startsWith("53")
                        || sqlState.startsWith("55")
                        || sqlState.startsWith("57")
                        || sqlState.startsWith("58"));
    }
}
