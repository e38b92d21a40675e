package io.throughline.identity.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A write key of a source, kept as a hash. It stays when it is revoked, for the record. */
@Entity
@Table(name = "source_keys")
public class SourceKey extends PanacheEntityBase {

    @Id public UUID id;

    public String source;

    public String hash;

    public String hint;

    @Column(name = "created_at")
    public Instant createdAt;

    @Column(name = "valid_until")
    public @Nullable Instant validUntil;

    @Column(name = "revoked_at")
    public @Nullable Instant revokedAt;
}
