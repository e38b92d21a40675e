package io.throughline.local.infrastructure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for a part to come up, and what to say when it does not. */
public final class Readiness {

    private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(20).toNanos();

    private Readiness() {}

    /**
     * @throws StartFailure when the process ends first or patience does
     */
    public static void await(
            String part, Tethered process, Path log, Duration patience, BooleanSupplier ready) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!ready.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new StartFailure(
                        "%s ended while starting: %s (all of it in %s)."
                                .formatted(part, lastLine(log), log));
            }
            if (System.nanoTime() > deadline) {
                process.stop(Duration.ofSeconds(1));
                throw new StartFailure(
                        "%s did not come up within %d s: %s (all of it in %s)."
                                .formatted(part, patience.toSeconds(), lastLine(log), log));
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    static String lastLine(Path log) {
        List<String> lines = lastLines(log, 1);
        return lines.isEmpty() ? "it said nothing" : lines.getLast();
    }

    /** The last lines of a log that are not blank, oldest first; none if there is no log. */
    public static List<String> lastLines(Path log, int count) {
        try {
            List<String> lines =
                    new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.isBlank())
                            .toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        } catch (IOException none) {
            return List.of();
        }
    }
}
