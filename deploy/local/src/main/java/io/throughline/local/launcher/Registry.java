package io.throughline.local.launcher;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.throughline.local.Service;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.StartFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The record of what runs, below {@code .throughline/run}: who holds the stack, its parts with
 * their pids, and which services are left to somebody else.
 */
final class Registry {

    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    /**
     * A process by pid and start time, so that a pid that was given out again is not mistaken.
     *
     * @param startedAt as the system tells it
     */
    record Running(long pid, Instant startedAt) {

        static final Running NONE = new Running(0, Instant.EPOCH);

        static Running of(ProcessHandle handle) {
            return new Running(handle.pid(), handle.info().startInstant().orElse(Instant.EPOCH));
        }

        Optional<ProcessHandle> handle() {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .filter(handle ->
                            handle.info().startInstant().orElse(Instant.EPOCH).equals(startedAt));
        }
    }

    /**
     * @param process the one it runs in
     * @param state READY and so on for a service, {@code running} for the rest
     */
    record Entry(String part, int port, Running process, String state) {}

    /** Everything that runs under one launcher. */
    record Snapshot(Running launcher, boolean ready, List<Entry> entries) {}

    private final Path directory;

    /** Kept reachable, because a channel that is collected closes and gives up its lock. */
    private @Nullable FileLock claim;

    Registry(Home home) {
        this.directory = home.run();
    }

    /**
     * Claims the stack for this process until it ends, however it ends. The registry must be kept
     * for as long.
     *
     * @return false if another process holds it
     */
    boolean claim() {
        try {
            FileChannel channel =
                    FileChannel.open(
                            directory.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            claim = channel.tryLock();
            if (claim == null) {
                channel.close();
            }
            return claim != null;
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be locked: %s.".formatted(directory, refused.getMessage()), refused);
        }
    }

    Optional<Snapshot> read() {
        try {
            return Optional.of(JSON.readValue(stateFile().toFile(), Snapshot.class));
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    synchronized void write(Snapshot snapshot) {
        try {
            Path next = directory.resolve("state.json.next");
            JSON.writeValue(next.toFile(), snapshot);
            Files.move(
                    next,
                    stateFile(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be written: %s.".formatted(directory, refused.getMessage()),
                    refused);
        }
    }

    /** Its content is the launcher's pid once everything is ready; the script waits for it. */
    void announceReady() {
        try {
            Files.writeString(readyFile(), Long.toString(ProcessHandle.current().pid()));
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be written: %s.".formatted(directory, refused.getMessage()),
                    refused);
        }
    }

    void clear() {
        try {
            Files.deleteIfExists(readyFile());
            Files.deleteIfExists(stateFile());
        } catch (IOException left) {
            // The next start replaces them.
        }
    }

    /** Whether that launcher has everything ready. */
    boolean isReady(long launcher) {
        try {
            return Files.readString(readyFile()).equals(Long.toString(launcher));
        } catch (IOException notYet) {
            return false;
        }
    }

    Optional<Entry> entry(Service service) {
        return read().stream()
                .flatMap(snapshot -> snapshot.entries().stream())
                .filter(entry -> entry.part().equals(service.label()))
                .findFirst();
    }

    /** A service's process, where it runs. */
    Optional<ProcessHandle> process(Service service) {
        return entry(service).flatMap(entry -> entry.process().handle());
    }

    /** While this file is there, the launcher leaves the service to somebody else. */
    Path holdFile(Service service) {
        return directory.resolve(service.label() + ".hold");
    }

    void hold(Service service) {
        try {
            Files.writeString(holdFile(service), "");
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be written: %s.".formatted(directory, refused.getMessage()),
                    refused);
        }
    }

    void release(Service service) {
        try {
            Files.deleteIfExists(holdFile(service));
        } catch (IOException refused) {
            throw new StartFailure(
                    "%s cannot be removed: %s.".formatted(holdFile(service), refused.getMessage()),
                    refused);
        }
    }

    private Path stateFile() {
        return directory.resolve("state.json");
    }

    private Path readyFile() {
        return directory.resolve("ready");
    }
}
