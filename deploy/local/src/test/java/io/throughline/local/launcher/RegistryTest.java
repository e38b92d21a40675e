package io.throughline.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.local.infrastructure.Home;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {

    @TempDir Path directory;
    private Registry registry;

    @BeforeEach
    void prepare() {
        registry =
                new Registry(
                        Home.of(Map.of(Home.VARIABLE, directory.toString()), Path.of(""))
                                .prepared());
    }

    @Test
    void whatWasWrittenIsReadBack() {
        Registry.Running self = Registry.Running.of(ProcessHandle.current());
        Registry.Snapshot written =
                new Registry.Snapshot(
                        self, true, List.of(new Registry.Entry("Kafka", 19_092, self, "running")));
        registry.write(written);
        assertThat(registry.read()).contains(written);
        registry.clear();
        assertThat(registry.read()).isEmpty();
    }

    @Test
    void onlyTheLauncherThatAnnouncedItIsReady() {
        long self = ProcessHandle.current().pid();
        assertThat(registry.isReady(self)).isFalse();
        registry.announceReady();
        assertThat(registry.isReady(self)).isTrue();
        assertThat(registry.isReady(self + 1)).isFalse();
    }

    @Test
    void aPidThatWasGivenOutAgainIsNotTheSameProcess() {
        ProcessHandle current = ProcessHandle.current();
        assertThat(Registry.Running.of(current).handle()).contains(current);
        assertThat(new Registry.Running(current.pid(), Instant.EPOCH).handle()).isEmpty();
    }

    @Test
    void theStackStaysClaimedAfterAGarbageCollection() throws Exception {
        assertThat(registry.claim()).isTrue();
        System.gc();
        try (FileChannel other =
                FileChannel.open(directory.resolve("run/lock"), StandardOpenOption.WRITE)) {
            assertThatThrownBy(other::tryLock).isInstanceOf(OverlappingFileLockException.class);
        }
    }
}
