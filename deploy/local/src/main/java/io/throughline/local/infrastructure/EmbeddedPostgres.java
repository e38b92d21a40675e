package io.throughline.local.infrastructure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** PostgreSQL on loopback, as a child process, with its data kept between starts. */
public final class EmbeddedPostgres implements AutoCloseable {

    /** What a commit promises. */
    public enum Durability {
        /** An acknowledged commit is on the disk. */
        FSYNC,
        /** For tests whose data is thrown away: a commit survives the process, not the machine. */
        NONE
    }

    private static final String SUPERUSER = "postgres";

    /** For loopback only, where it keeps other accounts of this machine out by default. */
    private static final String SUPERUSER_PASSWORD = "local";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int port;
    private final Tethered server;

    private EmbeddedPostgres(int port, Tethered server) {
        this.port = port;
        this.server = server;
    }

    /**
     * Makes the data directory if it is new, starts the server and returns when it answers.
     *
     * @throws StartFailure when it does not come up, with the last line of its log
     */
    public static EmbeddedPostgres start(Home home, Path data, int port, Durability durability) {
        Path installation = new Binaries(home).postgres();
        Path log = home.logs().resolve("postgresql.log");
        Account account = Account.fitting(installation);
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            initialise(installation, data, home, account);
        }
        account.own(data);
        awaitPredecessor(data);
        String synced = durability == Durability.FSYNC ? "on" : "off";
        List<String> command = new ArrayList<>(account.prefix());
        command.addAll(
                List.of(
                        installation.resolve("bin/postgres").toString(),
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(port)));
        Map.of(
                        "listen_addresses", "127.0.0.1",
                        "unix_socket_directories", "",
                        "fsync", synced,
                        "synchronous_commit", synced,
                        "full_page_writes", synced,
                        "max_connections", "200",
                        "shared_buffers", "64MB",
                        "timezone", "UTC",
                        "log_timezone", "UTC")
                .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        // INT is PostgreSQL's fast shutdown; TERM would wait until every client has gone.
        Tethered server = Tethered.start(command, "INT", Map.of("LC_ALL", "C"), home.run(), log);
        Readiness.await("PostgreSQL", server, log, PATIENCE, () -> accepts(port));
        return new EmbeddedPostgres(port, server);
    }

    public int port() {
        return port;
    }

    public Tethered process() {
        return server;
    }

    public String jdbcUrl(String database) {
        return jdbcUrl(port, database);
    }

    /** The value of {@code quarkus.datasource.reactive.url}. */
    public String reactiveUrl(String database) {
        return "postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    /** A database and the role that owns it, both of this name; those that exist stay. */
    public void createDatabase(String name, String password) {
        if (!name.matches("[a-z][a-z0-9_]{0,62}") || !password.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("not a plain name and password: " + name);
        }
        try (Connection connection = connect(port);
                Statement statement = connection.createStatement()) {
            if (!exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = ?", name)) {
                statement.execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(name, password));
            }
            if (!exists(connection, "SELECT 1 FROM pg_database WHERE datname = ?", name)) {
                statement.execute("CREATE DATABASE %s OWNER %s".formatted(name, name));
            }
        } catch (SQLException refused) {
            throw new StartFailure(
                    "PostgreSQL refused to create the database %s: %s."
                            .formatted(name, refused.getMessage()),
                    refused);
        }
    }

    @Override
    public void close() {
        server.stop(Duration.ofSeconds(10));
    }

    private static void initialise(Path installation, Path data, Home home, Account account) {
        Path log = home.logs().resolve("initdb.log");
        try {
            Binaries.deleteTree(data);
            Files.createDirectories(data);
            Files.delete(data);
            Files.createDirectory(
                    data,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            Path password = Files.createTempFile(home.run(), "password", null);
            try {
                Files.writeString(password, SUPERUSER_PASSWORD);
                account.own(data);
                account.own(password);
                List<String> command = new ArrayList<>(account.prefix());
                command.addAll(
                        List.of(
                                installation.resolve("bin/initdb").toString(),
                                "--pgdata=" + data,
                                "--username=" + SUPERUSER,
                                "--pwfile=" + password,
                                "--auth=scram-sha-256",
                                "--encoding=UTF8",
                                "--no-locale",
                                "--no-sync",
                                "--no-instructions"));
                Tethered initdb =
                        Tethered.start(command, "TERM", Map.of("LC_ALL", "C"), home.run(), log);
                if (initdb.await() != 0) {
                    Binaries.deleteTree(data);
                    throw new StartFailure(
                            "PostgreSQL could not prepare %s: %s (all of it in %s)."
                                    .formatted(data, Readiness.lastLine(log), log));
                }
            } finally {
                Files.deleteIfExists(password);
            }
        } catch (IOException refused) {
            throw new StartFailure(
                    "PostgreSQL could not prepare %s: %s.".formatted(data, refused.getMessage()),
                    refused);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartFailure("Interrupted while preparing PostgreSQL.", stopped);
        }
    }

    /**
     * A launcher that was killed leaves a server that is still shutting down; the next start waits
     * for it instead of failing on its lock file.
     */
    private static void awaitPredecessor(Path data) {
        Path lock = data.resolve("postmaster.pid");
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (Files.exists(lock) && holderIsPostgres(lock) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        try {
            if (!holderIsPostgres(lock)) {
                Files.deleteIfExists(lock);
            }
        } catch (IOException left) {
            // PostgreSQL checks it again and says what is wrong.
        }
    }

    private static boolean holderIsPostgres(Path lock) {
        try (Stream<String> lines = Files.lines(lock)) {
            return lines.findFirst()
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid.strip())))
                    .flatMap(process -> process.info().command())
                    .map(command -> command.endsWith("postgres"))
                    .orElse(false);
        } catch (IOException | NumberFormatException gone) {
            return false;
        }
    }

    private static boolean exists(Connection connection, String query, String name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private static boolean accepts(int port) {
        try (Connection connection = connect(port)) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection(
                jdbcUrl(port, "postgres"), SUPERUSER, SUPERUSER_PASSWORD);
    }

    private static String jdbcUrl(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    /**
     * The account PostgreSQL runs under, which refuses to run as root and under a uid without a
     * name (for which Java's user name is a question mark). For those it is a user namespace
     * without a mapping (the server sees itself as nobody, files stay root's) or, where those are
     * forbidden, the account {@code nobody}, which then owns the data.
     */
    private sealed interface Account {

        record Own() implements Account {}

        record Namespace() implements Account {}

        record Nobody() implements Account {}

        static Account fitting(Path installation) {
            if (!Set.of("root", "?").contains(System.getProperty("user.name", "?"))) {
                return new Own();
            }
            String version = installation.resolve("bin/postgres").toString();
            return runs(List.of("unshare", "-U", version, "--version"))
                    ? new Namespace()
                    : new Nobody();
        }

        default List<String> prefix() {
            return switch (this) {
                case Own() -> List.of();
                case Namespace() -> List.of("unshare", "-U");
                case Nobody() ->
                        List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups");
            };
        }

        default void own(Path path) {
            if (!(this instanceof Nobody)) {
                return;
            }
            try (Stream<Path> tree = Files.walk(path)) {
                UserPrincipal nobody =
                        path.getFileSystem()
                                .getUserPrincipalLookupService()
                                .lookupPrincipalByName("nobody");
                for (Path each : tree.toList()) {
                    if (!Files.getOwner(each, LinkOption.NOFOLLOW_LINKS).equals(nobody)) {
                        Files.setOwner(each, nobody);
                    }
                }
            } catch (IOException refused) {
                throw new StartFailure(
                        "PostgreSQL does not run as root and %s cannot be given to nobody (%s): start as an ordinary user."
                                .formatted(path, refused.getMessage()),
                        refused);
            }
        }

        private static boolean runs(List<String> command) {
            try {
                Process process =
                        new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start();
                return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            } catch (IOException absent) {
                return false;
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
