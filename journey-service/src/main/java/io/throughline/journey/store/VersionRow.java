package io.throughline.journey.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** One version of a journey, never changed once it is stored. */
@Entity
@Immutable
@Table(name = "journey_versions")
@IdClass(VersionRow.Key.class)
class VersionRow extends PanacheEntityBase {

    @Id String journey;

    @Id int version;

    /** Canonical JSON. */
    @Column(name = "document")
    String document;

    /** As it was put. */
    @Column(name = "source")
    String source;

    @Column(name = "media_type")
    String mediaType;

    @Column(name = "created_at")
    Instant createdAt;

    record Key(String journey, int version) implements Serializable {}
}
