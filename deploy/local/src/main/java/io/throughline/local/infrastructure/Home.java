package io.throughline.local.infrastructure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where everything the local stack writes lives: binaries, data, logs and the record of what runs.
 *
 * @param root {@code .throughline/} in the checkout, or the value of {@code THROUGHLINE_HOME}
 * @param binaries where programs are unpacked, below the root unless several homes share them
 */
public record Home(Path root, Path binaries) {

    public static final String VARIABLE = "THROUGHLINE_HOME";

    /** Below this much free space Kafka or PostgreSQL would fail in the middle of something. */
    static final long MINIMUM_FREE_BYTES = 512L << 20;

    public static Home of(Map<String, String> environment, Path workingDirectory) {
        String set = environment.get(VARIABLE);
        if (set != null && !set.isBlank()) {
            return at(Path.of(set).toAbsolutePath().normalize());
        }
        return at(checkout(workingDirectory).orElse(workingDirectory).resolve(".throughline"));
    }

    static Home at(Path root) {
        return new Home(root, root.resolve("binaries"));
    }

    /** A home for things that will be thrown away, with this one's programs. */
    public Home elsewhere(Path otherRoot) {
        return new Home(otherRoot, binaries);
    }

    /** The directory that holds {@code mvnw}, found from one inside it. */
    public static Optional<Path> checkout(Path inside) {
        return Stream.<@Nullable Path>iterate(
                        inside.toAbsolutePath().normalize(),
                        directory -> directory != null,
                        directory -> directory == null ? null : directory.getParent())
                .map(directory -> directory)
                .filter(directory -> Files.exists(directory.resolve("mvnw")))
                .findFirst();
    }

    public Path data(String part) {
        return root.resolve("data").resolve(part);
    }

    public Path logs() {
        return root.resolve("logs");
    }

    public Path run() {
        return root.resolve("run");
    }

    /**
     * Makes the directory and checks that there is room in it.
     *
     * @throws StartFailure when it cannot be written or the disk is nearly full
     */
    public Home prepared() {
        try {
            Files.createDirectories(root);
            long free = Files.getFileStore(root).getUsableSpace();
            if (free < MINIMUM_FREE_BYTES) {
                throw new StartFailure(
                        "The disk below %s has %d MiB left and at least %d are needed: make room, or set %s to a directory on another disk."
                                .formatted(root, free >> 20, MINIMUM_FREE_BYTES >> 20, VARIABLE));
            }
            Files.createDirectories(binaries());
            Files.createDirectories(logs());
            Files.createDirectories(run());
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be written (%s): set %s to a directory that can."
                            .formatted(root, refused.getMessage(), VARIABLE),
                    refused);
        }
        return this;
    }
}
