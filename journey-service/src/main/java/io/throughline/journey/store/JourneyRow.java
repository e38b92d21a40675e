package io.throughline.journey.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A journey, whatever its version. */
@Entity
@Table(name = "journeys")
class JourneyRow extends PanacheEntityBase {

    @Id String key;

    @Column(name = "status")
    String status;

    @Column(name = "active_version")
    @Nullable Integer activeVersion;

    @Column(name = "latest_version")
    int latestVersion;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "changed_at")
    Instant changedAt;

    @Version
    @Column(name = "row_version")
    long rowVersion;

    JourneyStatus standing() {
        return JourneyStatus.of(status);
    }

    void become(JourneyStatus next, Instant now) {
        status = next.word();
        changedAt = now;
    }
}
