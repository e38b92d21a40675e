package io.throughline.local.infrastructure;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs that are no Java, taken out of their jars once and kept below the home. Each appears
 * under its final name in one atomic move, so two processes that unpack at once do no harm.
 */
final class Binaries {

    private final Path directory;
    private final String system;
    private final String machine;

    Binaries(Home home) {
        this.directory = home.binaries();
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        this.system = os.startsWith("mac") ? "darwin" : os.startsWith("linux") ? "linux" : os;
        this.machine = System.getProperty("os.arch", "");
    }

    Path redis(String version) {
        String architecture =
                switch (machine) {
                    case "amd64", "x86_64" -> "amd64";
                    case "aarch64", "arm64" -> "arm64";
                    default -> machine;
                };
        String name = "redis-server-" + version + "-" + system + "-" + architecture;
        Path executable = directory.resolve(name);
        if (!Files.isExecutable(executable)) {
            unpack("Redis", name, executable, Binaries::copyExecutable);
        }
        return executable;
    }

    /** The directory that holds PostgreSQL's {@code bin}, {@code lib} and {@code share}. */
    Path postgres() {
        String architecture =
                switch (machine) {
                    case "amd64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    default -> machine;
                };
        String archive = "postgres-" + system + "-" + architecture + ".txz";
        URLConnection source = open("PostgreSQL", archive);
        // The archive carries no version; its length tells one from the next.
        Path unpacked = directory.resolve("postgresql-" + source.getContentLengthLong());
        if (!Files.isDirectory(unpacked)) {
            unpack("PostgreSQL", archive, unpacked, Binaries::untar);
        }
        return unpacked;
    }

    private interface Unpacking {
        void write(InputStream from, Path to) throws IOException;
    }

    private void unpack(String part, String resource, Path target, Unpacking how) {
        try {
            Files.createDirectories(directory);
            Path beside = Files.createTempDirectory(directory, "unpacking-");
            try (InputStream in = open(part, resource).getInputStream()) {
                Path whole = beside.resolve("whole");
                how.write(in, whole);
                moveUnlessThere(whole, target);
            } finally {
                deleteTree(beside);
            }
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s could not be unpacked below %s: %s."
                            .formatted(part, directory, refused.getMessage()),
                    refused);
        }
    }

    private static void moveUnlessThere(Path whole, Path target) throws IOException {
        try {
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException lost) {
            if (!Files.exists(target)) {
                throw lost;
            }
        }
    }

    private URLConnection open(String part, String resource) {
        URL found = Binaries.class.getClassLoader().getResource(resource);
        if (found == null) {
            throw new StartFailure(
                    "There is no %s for %s on %s in this build (%s): use a Linux machine on amd64, or add its binaries to deploy/local/pom.xml."
                            .formatted(part, system, machine, resource));
        }
        try {
            URLConnection connection = found.openConnection();
            connection.setUseCaches(false);
            return connection;
        } catch (IOException unreadable) {
            throw new StartFailure(
                    "%s cannot be read: %s.".formatted(found, unreadable.getMessage()), unreadable);
        }
    }

    private static void copyExecutable(InputStream in, Path to) throws IOException {
        Files.copy(in, to);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void untar(InputStream in, Path to) throws IOException {
        Files.createDirectories(to);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(in)))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                extract(tar, entry, to);
            }
        }
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path to)
            throws IOException {
        Path target = to.resolve(entry.getName()).normalize();
        if (!target.startsWith(to)) {
            throw new IOException("an entry leaves the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        try {
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                return;
            }
            Files.copy(tar, target);
            Files.setPosixFilePermissions(target, permissions(entry.getMode()));
        } catch (FileAlreadyExistsException twice) {
            throw new IOException("an entry stands twice: " + entry.getName(), twice);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions =
                EnumSet.copyOf(PosixFilePermissions.fromString("rw-r--r--"));
        if ((mode & 0100) != 0) {
            permissions.addAll(PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return permissions;
    }

    /** Removes a directory and what is in it; a file that is already gone is no error. */
    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
