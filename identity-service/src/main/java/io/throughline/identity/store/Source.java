package io.throughline.identity.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where events may come from: a site, an app, a till. Its write key is kept as a hash only. */
@Entity
@Table(name = "sources")
public class Source extends PanacheEntityBase {

    @Id public String name;

    @Column(name = "write_key_hash")
    public String writeKeyHash;

    public boolean disabled;

    @Column(name = "created_at")
    public Instant createdAt;

    /** The source that may send with a key; by the unique index on its hash. */
    static Uni<@Nullable Source> withKey(String writeKeyHash) {
        return find("writeKeyHash = ?1 and disabled = false", writeKeyHash).firstResult();
    }
}
