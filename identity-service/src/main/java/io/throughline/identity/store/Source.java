package io.throughline.identity.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.throughline.contracts.ingest.Trust;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where events may come from: a site, an app, a till. */
@Entity
@Table(name = "sources")
public class Source extends PanacheEntityBase {

    @Id public String name;

    public @Nullable String description;

    @Convert(converter = TrustColumn.class)
    public Trust trust;

    public boolean disabled;

    @Column(name = "created_at")
    public Instant createdAt;

    @Column(name = "changed_at")
    public Instant changedAt;
}
