package io.throughline.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.local.Eventually;
import io.throughline.local.infrastructure.Readiness;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.infrastructure.Tethered;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedTest {

    @TempDir Path directory;
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final List<Supervised> all = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        all.forEach(Supervised::stop);
    }

    @Test
    void oneThatIsKilledIsReportedAndStartedAgain() throws Exception {
        Supervised supervised = supervise("echo working; exec sleep 600");
        supervised.start().get(30, TimeUnit.SECONDS);
        long first = supervised.pid();

        ProcessHandle.of(first).orElseThrow().destroyForcibly();

        Eventually.await(
                "a second process",
                () ->
                        supervised.state() == Supervised.State.READY
                                && supervised.pid() != 0
                                && supervised.pid() != first);
        assertThat(said.getFirst())
                .contains("service (pid " + first + ") ended with status 137")
                .contains("| working")
                .contains("started again");
    }

    @Test
    void oneThatEndsBeforeItIsReadyIsReportedAndLeft() {
        Supervised supervised = supervise("echo no configuration; exit 3");
        assertThatThrownBy(() -> supervised.start().join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(StartFailure.class)
                .hasMessageContaining("ended with status 3")
                .hasMessageContaining("| no configuration");
        assertThat(supervised.state()).isEqualTo(Supervised.State.FAILED);
    }

    @Test
    void oneThatFailsToComeBackIsStartedUntilItDoes() throws Exception {
        AtomicReference<Supervised> itself = new AtomicReference<>();
        Supervised supervised =
                supervise(
                        "echo start >> starts;"
                                + " [ $(wc -l < starts) = 2 ] && echo busy && exit 3;"
                                + " echo working as $$; exec sleep 600",
                        () -> lastLine().equals("working as " + itself.get().pid()));
        itself.set(supervised);
        supervised.start().get(30, TimeUnit.SECONDS);
        long first = supervised.pid();

        ProcessHandle.of(first).orElseThrow().destroyForcibly();

        Eventually.await(
                "a third process",
                () -> said.stream().anyMatch(line -> line.contains("again (pid")));
        assertThat(starts()).isEqualTo(3);
        assertThat(said)
                .anySatisfy(line ->
                        assertThat(line)
                                .contains("ended with status 3")
                                .contains("| busy")
                                .contains("started again in 1 s"));
    }

    @Test
    void oneThatSomebodyElseRunsIsLeftToThem() throws Exception {
        Path hold = Files.createFile(directory.resolve("hold"));
        Supervised supervised = supervise("echo working; exec sleep 600");
        supervised.start().get(30, TimeUnit.SECONDS);
        assertThat(supervised.state()).isEqualTo(Supervised.State.HELD);
        assertThat(supervised.pid()).isZero();

        Files.delete(hold);

        Eventually.await("its start", () -> supervised.state() == Supervised.State.READY);
    }

    @Test
    void stoppingIsNoReasonToStartAgain() throws Exception {
        Supervised supervised = supervise("echo working; exec sleep 600");
        supervised.start().get(30, TimeUnit.SECONDS);
        supervised.stop();
        assertThat(supervised.state()).isEqualTo(Supervised.State.STOPPED);
        assertThat(supervised.pid()).isZero();
        assertThat(said).isEmpty();
    }

    private String lastLine() {
        return String.join("", Readiness.lastLines(directory.resolve("log"), 1));
    }

    private int starts() {
        return Readiness.lastLines(directory.resolve("starts"), 100).size();
    }

    /** Ready as soon as it says that it is working. */
    private Supervised supervise(String script) {
        return supervise(script, () -> lastLine().equals("working"));
    }

    private Supervised supervise(String script, BooleanSupplier ready) {
        Path log = directory.resolve("log");
        Supervised supervised =
                new Supervised(
                        new Supervised.Recipe(
                                "service",
                                () ->
                                        Tethered.start(
                                                List.of("sh", "-c", script),
                                                "TERM",
                                                Map.of(),
                                                directory,
                                                log),
                                ready,
                                () -> Files.exists(directory.resolve("hold")),
                                log,
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(5),
                                Duration.ofMillis(10)),
                        said::add,
                        () -> {});
        all.add(supervised);
        return supervised;
    }
}
