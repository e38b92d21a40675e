package io.throughline.identity.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.identity.source.KeyRing;
import io.throughline.identity.source.Origin;
import io.throughline.identity.source.WriteKey;
import io.throughline.identity.store.SourceStore;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which source a write key belongs to. All keys are held and read anew every two seconds, so that a
 * request costs the database nothing and a key that is revoked through one process ends in all of
 * them. While the database is away the keys that were read last go on.
 *
 * <p>A key that is not held may be seconds old: then the database is asked before it is refused,
 * since a sender drops for ever what is answered with 401. What it does not know is remembered for
 * a minute, so that a wrong key costs the database little.
 */
@Singleton
class WriteKeys {

    private static final Logger LOG = Logger.getLogger(WriteKeys.class);
    private static final Duration READ_EVERY = Duration.ofSeconds(2);
    private static final Duration LONGEST_READ = Duration.ofSeconds(10);
    private static final Duration REMEMBERED = Duration.ofMinutes(1);
    private static final int MAX_REMEMBERED = 10_000;

    private final Map<String, String> configured;
    private final SourceStore sources;
    private final InstantSource clock;
    private final Vertx vertx;
    private final Cache<String, Boolean> unknown =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).expireAfterWrite(REMEMBERED).build();

    private final AtomicLong reads = new AtomicLong();
    private final AtomicBoolean readingInTheBackground = new AtomicBoolean();
    private volatile @Nullable KeyRing ring;
    private long heldSince;
    private volatile long timer;
    private volatile boolean adopted;
    private volatile boolean isStale;

    WriteKeys(
            IdentityConfiguration configuration,
            SourceStore sources,
            InstantSource clock,
            Vertx vertx) {
        this.configured = KeyRing.configured(configuration.writeKeys());
        this.sources = sources;
        this.clock = clock;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(1, READ_EVERY.toMillis(), ignored -> readInTheBackground());
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    /** Sources that the environment gives a key. */
    Set<String> configuredSources() {
        return new TreeSet<>(configured.values());
    }

    /**
     * What a key proves; a {@link Problem} 401 where it proves nothing, 503 where that cannot be
     * known.
     */
    Uni<Origin> origin(@Nullable String writeKey) {
        if (writeKey == null) {
            return Uni.createFrom().failure(unknownKey());
        }
        String hash = new WriteKey(writeKey).hash();
        KeyRing held = ring;
        Optional<Origin> origin =
                held == null ? Optional.empty() : held.origin(hash, clock.instant());
        return origin.isPresent() ? Uni.createFrom().item(origin.get()) : asking(hash, held);
    }

    /** Reads the keys anew, for who has just changed them. */
    Uni<Void> read() {
        long number = reads.incrementAndGet();
        return adopt().chain(() -> sources.ring(configured))
                .invoke(read -> hold(number, read))
                .replaceWithVoid();
    }

    /** A read that began before another must not take its place, however late it ends. */
    private synchronized void hold(long number, KeyRing read) {
        if (number > heldSince) {
            heldSince = number;
            ring = read;
        }
    }

    private Uni<Origin> asking(String hash, @Nullable KeyRing held) {
        if (held != null && unknown.getIfPresent(hash) != null) {
            return Uni.createFrom().failure(unknownKey());
        }
        return (held == null ? read() : sources.knows(hash).chain(this::readIf))
                .onFailure()
                .transform(WriteKeys::away)
                .map(read -> nowHeld(hash));
    }

    private Uni<Void> readIf(boolean known) {
        return known ? read() : Uni.createFrom().voidItem();
    }

    private Origin nowHeld(String hash) {
        KeyRing held = ring;
        Optional<Origin> origin =
                held == null ? Optional.empty() : held.origin(hash, clock.instant());
        return origin.orElseThrow(() -> {
            unknown.put(hash, Boolean.TRUE);
            return unknownKey();
        });
    }

    private Uni<Void> adopt() {
        return adopted
                ? Uni.createFrom().voidItem()
                : sources.adopt(configuredSources(), clock.instant()).invoke(() -> adopted = true);
    }

    private void readInTheBackground() {
        if (readingInTheBackground.compareAndSet(false, true)) {
            read().ifNoItem()
                    .after(LONGEST_READ)
                    .fail()
                    .onTermination()
                    .invoke(() -> readingInTheBackground.set(false))
                    .subscribe()
                    .with(done -> tell(null), this::tell);
        }
    }

    /** Once when it begins and once when it ends, however long it lasts. */
    private void tell(@Nullable Throwable failure) {
        if (failure != null && !isStale) {
            LOG.warnf(
                    "write keys cannot be read, those read last go on, trying again every %s: %s",
                    READ_EVERY, failure);
        } else if (failure == null && isStale) {
            LOG.info("write keys are read again");
        }
        isStale = failure != null;
    }

    private static Throwable away(Throwable failure) {
        LOG.warnf("events were not taken, the write keys cannot be read: %s", failure);
        return Problem.unavailable("write keys cannot be read at the moment; send it again");
    }

    private static Problem unknownKey() {
        return Problem.of(
                401,
                "unknown-write-key",
                "expected a write key that is known here: as user name of Basic authentication, as writeKey in the query or the body, or as bearer token",
                List.of(new Problem.FieldError("writeKey", "expected a known write key")));
    }
}
