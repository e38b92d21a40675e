package io.throughline.local.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What runs, for reading in a terminal. */
final class StatusReport {

    private static final String ROW = "%-32s %8s %7s %-9s %8s%n";

    private StatusReport() {}

    static String of(Registry.Snapshot snapshot) {
        StringBuilder table =
                new StringBuilder(
                        ROW.formatted("part", "pid", "port", "state", "memory").stripTrailing());
        table.append('\n');
        Set<Long> counted = new HashSet<>();
        long sum = 0;
        for (Registry.Entry entry : snapshot.entries()) {
            Optional<ProcessHandle> process = entry.process().handle();
            long kib = 0;
            String memory = "";
            if (process.isPresent() && counted.add(process.get().pid())) {
                kib = kibibytes(process.get(), snapshot.launcher().pid());
                memory = (kib >> 10) + " MiB";
            } else if (process.isPresent()) {
                memory = "\"";
            }
            sum += kib;
            table.append(
                    ROW.formatted(
                            entry.part(),
                            process.map(alive -> Long.toString(alive.pid())).orElse("-"),
                            entry.port(),
                            state(entry, process.isPresent()),
                            memory));
        }
        return table.append(ROW.formatted("together", "", "", "", (sum >> 10) + " MiB"))
                .append(snapshot.ready() ? "" : "Still starting.\n")
                .toString();
    }

    private static String state(Registry.Entry entry, boolean alive) {
        String state = entry.state().toLowerCase(Locale.ROOT);
        return alive || state.equals("held") || state.equals("failed") ? state : "gone";
    }

    /**
     * Memory of a process and, unless it is the launcher, whose children have rows of their own,
     * its children. Proportional set size where the kernel tells it, so that what PostgreSQL's
     * processes share is counted once; else resident set size.
     */
    private static long kibibytes(ProcessHandle process, long launcher) {
        Stream<ProcessHandle> children =
                process.pid() == launcher ? Stream.empty() : process.descendants();
        return Stream.concat(Stream.of(process), children)
                .mapToLong(each -> kibibytes(each.pid()))
                .sum();
    }

    private static long kibibytes(long pid) {
        Path proc = Path.of("/proc", Long.toString(pid));
        return field(proc.resolve("smaps_rollup"), "Pss:")
                .or(() -> field(proc.resolve("status"), "VmRSS:"))
                .or(() -> fromPs(pid))
                .orElse(0L);
    }

    private static Optional<Long> field(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst();
        } catch (IOException | UncheckedIOException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<Long> fromPs(long pid) {
        try {
            Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(pid)).start();
            String answer =
                    new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return answer.matches("[0-9]+")
                    ? Optional.of(Long.parseLong(answer))
                    : Optional.empty();
        } catch (IOException noPs) {
            return Optional.empty();
        }
    }
}
