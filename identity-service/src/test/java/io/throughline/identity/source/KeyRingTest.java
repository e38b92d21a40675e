package io.throughline.identity.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.contracts.ingest.Trust;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A write key")
class KeyRingTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    @ParameterizedTest(name = "disabled {0}, until {1}: {2}")
    @CsvSource({
        "false,                     ,  true",
        "false, 2026-11-23T10:00:01Z,  true",
        "false, 2026-11-23T10:00:00Z, false",
        "false, 2026-11-23T09:59:59Z, false",
        "true,                      , false",
        "true,  2026-11-23T10:00:01Z, false",
    })
    void provesItsSourceWhileBothHold(boolean disabled, Instant until, boolean proves) {
        KeyRing ring =
                KeyRing.of(
                        List.of(
                                new KeyRing.Entry(
                                        "shop",
                                        Trust.CLAIMED,
                                        disabled,
                                        List.of(new KeyRing.Key("hash", until)))),
                        Map.of());
        assertThat(ring.origin("hash", NOW).isPresent()).isEqualTo(proves);
    }

    @Test
    void carriesTheTrustOfItsSource() {
        KeyRing ring = KeyRing.of(List.of(entry("shop", Trust.CLAIMED, "a", "b")), Map.of());
        assertThat(ring.origin("a", NOW)).contains(new Origin("shop", Trust.CLAIMED));
        assertThat(ring.origin("b", NOW)).contains(new Origin("shop", Trust.CLAIMED));
        assertThat(ring.origin("c", NOW)).isEmpty();
    }

    @Test
    void ofTheEnvironmentEndsWithItsSourceToo() {
        Map<String, String> configured = Map.of("env", "local", "other", "gone");
        KeyRing ring =
                KeyRing.of(
                        List.of(
                                entry("local", Trust.TRUSTED),
                                new KeyRing.Entry("gone", Trust.TRUSTED, true, List.of())),
                        configured);
        assertThat(ring.origin("env", NOW)).contains(new Origin("local", Trust.TRUSTED));
        assertThat(ring.origin("other", NOW)).isEmpty();
    }

    @Test
    void isLongAndShowsOnlyItsEnd() {
        WriteKey key = WriteKey.mint(new Random(7));
        assertThat(key.text()).matches("tlw_[A-Za-z0-9_-]{32}");
        assertThat(key.hash()).matches("[0-9a-f]{64}");
        assertThat(key.toString()).doesNotContain(key.text()).endsWith(key.hint());
        assertThat(key.hint()).hasSize(4);
        assertThat(new WriteKey("local-write-key").hash())
                .isEqualTo(new WriteKey("local-write-key").hash())
                .isNotEqualTo(key.hash());
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop", "shop:", ":abc", "shop:ABC", "shop:zz"})
    void isReadFromTheEnvironmentOrRefusedWithoutRepeatingIt(String entry) {
        assertThatThrownBy(() -> KeyRing.configured(List.of(entry)))
                .hasMessageContaining("entry 1")
                .hasMessageContaining("source:sha256")
                .hasMessageNotContaining("ABC");
        String hash = new WriteKey("k").hash();
        assertThat(KeyRing.configured(List.of("a:b:" + hash))).containsEntry(hash, "a:b");
    }

    private static KeyRing.Entry entry(String source, Trust trust, String... hashes) {
        return new KeyRing.Entry(
                source,
                trust,
                false,
                List.of(hashes).stream().map(hash -> new KeyRing.Key(hash, null)).toList());
    }
}
