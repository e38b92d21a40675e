package io.throughline.local.infrastructure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A child process that cannot outlive this one, however this one ends.
 *
 * <p>A small shell stands watch beside the child, with the read end of a pipe that only this
 * process holds open. When the pipe closes, because {@link #stop} was called or because this
 * process was killed, the watcher signals the child and, if that does not help within 20 seconds,
 * kills it. The child has its own session, so a Ctrl-C in the terminal reaches only this process,
 * which then stops the parts in order.
 *
 * <p>Rejected: {@code prctl(PR_SET_PDEATHSIG)}, which follows the thread that forked, not the
 * process; a watchdog inside each service, which would be deployment code in production.
 */
public final class Tethered {

    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private static final String WATCH =
            """
            exec 3<&0 </dev/null
            (
              trap '' INT TERM HUP
              read -r _ <&3
              kill -"$0" $$ 2>/dev/null || exit 0
              n=0
              while [ $n -lt 80 ] && kill -0 $$ 2>/dev/null; do sleep 0.25; n=$((n + 1)); done
              kill -KILL $$ 2>/dev/null
            ) >/dev/null 2>&1 &
            exec 3<&-
            exec "$@"
            """;

    private final Process process;

    private Tethered(Process process) {
        this.process = process;
    }

    /**
     * @param signal what asks the program to end, {@code TERM} for most
     * @param environment added to this process's own
     * @param log where standard output and error are appended
     */
    public static Tethered start(
            List<String> command,
            String signal,
            Map<String, String> environment,
            Path directory,
            Path log) {
        List<String> tethered = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            tethered.add(SETSID.toString());
        }
        tethered.addAll(List.of("/bin/sh", "-c", WATCH, signal));
        tethered.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(tethered)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(log.toAbsolutePath().getParent());
            return new Tethered(builder.start());
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it has ended and answers its exit status. */
    public int await() throws InterruptedException {
        return process.waitFor();
    }

    /** Asks it to end, waits for the grace, then kills it; returns when it has ended. */
    public void stop(Duration grace) {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // The pipe is closed either way.
        }
        try {
            if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException hurry) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
