package io.throughline.identity.source;

import io.throughline.contracts.ingest.Trust;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All sources and their keys, as they stood at one moment. */
public final class KeyRing {

    private final Map<String, Held> byHash;

    private KeyRing(Map<String, Held> byHash) {
        this.byHash = Map.copyOf(byHash);
    }

    /** A source with the keys that were not revoked. */
    public record Entry(String source, Trust trust, boolean disabled, List<Key> keys) {}

    /**
     * @param validUntil absent where it has no end
     */
    public record Key(String hash, @Nullable Instant validUntil) {}

    private record Held(Origin origin, @Nullable Instant validUntil) {}

    /**
     * @param configured keys that the environment names, hash to source; they end only with their
     *     source
     */
    public static KeyRing of(List<Entry> entries, Map<String, String> configured) {
        Map<String, Entry> enabled = new HashMap<>();
        Map<String, Held> byHash = new HashMap<>();
        for (Entry entry : entries) {
            if (!entry.disabled()) {
                enabled.put(entry.source(), entry);
                Origin origin = new Origin(entry.source(), entry.trust());
                entry.keys().forEach(key -> byHash.put(key.hash(), held(origin, key)));
            }
        }
        configured.forEach((hash, source) -> {
            Entry entry = enabled.get(source);
            if (entry != null) {
                byHash.put(hash, new Held(new Origin(source, entry.trust()), null));
            }
        });
        return new KeyRing(byHash);
    }

    /** What the key of this hash proves now; empty where it proves nothing. */
    public Optional<Origin> origin(String hash, Instant now) {
        Held held = byHash.get(hash);
        return held == null || (held.validUntil() != null && !now.isBefore(held.validUntil()))
                ? Optional.empty()
                : Optional.of(held.origin());
    }

    /**
     * Reads {@code source:sha256} entries into hash to source.
     *
     * @throws IllegalArgumentException saying what is wrong with which entry, without repeating it
     */
    public static Map<String, String> configured(List<String> entries) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            String entry = entries.get(i).strip();
            int colon = entry.lastIndexOf(':');
            String hash = entry.substring(colon + 1);
            if (colon <= 0 || !hash.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException(
                        "throughline.identity.write-keys: entry "
                                + (i + 1)
                                + " is not source:sha256 with 64 lower-case hex digits");
            }
            sources.put(hash, entry.substring(0, colon));
        }
        return Map.copyOf(sources);
    }

    private static Held held(Origin origin, Key key) {
        return new Held(origin, key.validUntil());
    }
}
