package io.throughline.local.launcher;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** One line a step, with the time since the start. */
final class Progress {

    private final PrintStream out;
    private final long begin = System.nanoTime();

    Progress(PrintStream out) {
        this.out = out;
    }

    void step(String line) {
        say("%6.1f s  %s".formatted(elapsed().toMillis() / 1000.0, line));
    }

    synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
