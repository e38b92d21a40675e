package io.throughline.identity.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smallrye.mutiny.Uni;
import io.throughline.identity.store.SourceStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which source a write key belongs to. Those of the environment are held, others are looked up and
 * remembered for a minute, also where there is none, so that a wrong key costs the database little.
 */
@ApplicationScoped
class WriteKeys {

    private static final Duration REMEMBERED = Duration.ofMinutes(1);
    private static final int MAX_REMEMBERED = 10_000;

    private final Map<String, String> configured;
    private final SourceStore sources;
    private final Cache<String, Known> known =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();

    private record Known(@Nullable String source) {}

    WriteKeys(IdentityConfiguration configuration, SourceStore sources) {
        this.configured = parse(configuration.writeKeys());
        this.sources = sources;
    }

    /** The source of a key; absent where the key is unknown. */
    Uni<@Nullable String> sourceOf(String writeKey) {
        String hash = sha256(writeKey);
        String source = configured.get(hash);
        if (source != null) {
            return Uni.createFrom().item(source);
        }
        Known remembered = known.getIfPresent(hash);
        return remembered != null
                ? Uni.createFrom().item(remembered.source())
                : sources.nameOf(hash).invoke(found -> known.put(hash, new Known(found)));
    }

    /**
     * Reads {@code source:sha256} entries.
     *
     * @throws IllegalArgumentException saying what is wrong with which entry, without repeating it
     */
    static Map<String, String> parse(List<String> entries) {
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

    static String sha256(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
