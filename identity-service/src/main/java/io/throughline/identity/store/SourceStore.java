package io.throughline.identity.store;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The sources that were added while running, beside those that the environment names. */
@ApplicationScoped
public class SourceStore {

    private final InstantSource clock;

    SourceStore(InstantSource clock) {
        this.clock = clock;
    }

    /** The name of the source that may send with a key of this hash; absent where there is none. */
    public Uni<@Nullable String> nameOf(String writeKeyHash) {
        return Panache.withSession(() -> Source.withKey(writeKeyHash))
                .map(source -> source == null ? null : source.name);
    }

    /** Lets a source send. */
    public Uni<Void> add(String name, String writeKeyHash) {
        Instant now = clock.instant();
        return Panache.withTransaction(() -> {
            Source source = new Source();
            source.name = name;
            source.writeKeyHash = writeKeyHash;
            source.disabled = false;
            source.createdAt = now;
            return source.persist().replaceWithVoid();
        });
    }
}
