package io.throughline.local.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.local.Eventually;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TetheredTest {

    @TempDir Path directory;

    /** A parent that starts a child on a tether, tells its pid and waits to be killed. */
    public static final class Parent {

        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            Tethered child =
                    Tethered.start(
                            List.of("sleep", "600"),
                            "TERM",
                            Map.of(),
                            directory,
                            directory.resolve("child.log"));
            Path told = directory.resolve("pid.next");
            Files.writeString(told, Long.toString(child.pid()));
            Files.move(told, directory.resolve("pid"));
            child.await();
        }
    }

    @Test
    void aChildEndsWhenItsParentIsKilled() throws Exception {
        Process parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                String.join(
                                        File.pathSeparator,
                                        "target/classes",
                                        "target/test-classes"),
                                Parent.class.getName(),
                                directory.toString())
                        .inheritIO()
                        .start();
        Path told = directory.resolve("pid");
        Eventually.await("the child's pid", () -> Files.exists(told));
        ProcessHandle child =
                ProcessHandle.of(Long.parseLong(Files.readString(told))).orElseThrow();
        assertThat(child.isAlive()).isTrue();

        parent.destroyForcibly().waitFor();

        Eventually.await("the child's end", () -> !child.isAlive());
    }

    @Test
    void oneThatDoesNotListenIsKilledAfterTheGrace() throws Exception {
        Path log = directory.resolve("log");
        Tethered deaf =
                Tethered.start(
                        List.of("sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"),
                        "TERM",
                        Map.of(),
                        directory,
                        log);
        Eventually.await("its trap", () -> Readiness.lastLine(log).equals("deaf"));
        deaf.stop(Duration.ofMillis(200));
        assertThat(deaf.isAlive()).isFalse();
    }

    @Test
    void theChildGetsTheEnvironmentAndItsOutputIsLogged() throws Exception {
        Path log = directory.resolve("log");
        Tethered child =
                Tethered.start(
                        List.of("sh", "-c", "echo $GREETING; exit 7"),
                        "TERM",
                        Map.of("GREETING", "hello"),
                        directory,
                        log);
        assertThat(child.await()).isEqualTo(7);
        assertThat(Readiness.lastLine(log)).isEqualTo("hello");
    }
}
