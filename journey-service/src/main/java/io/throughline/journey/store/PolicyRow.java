package io.throughline.journey.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** One version of the contact policy; the highest is in force. */
@Entity
@Immutable
@Table(name = "contact_policies")
class PolicyRow extends PanacheEntityBase {

    @Id int version;

    @Column(name = "document")
    String document;

    @Column(name = "created_at")
    Instant createdAt;
}
