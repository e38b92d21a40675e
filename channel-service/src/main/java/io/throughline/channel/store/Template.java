package io.throughline.channel.store;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A template as it is stored. */
@Entity
@Table(name = "templates")
public class Template extends PanacheEntityBase {

    @Id public String key;

    @Column(nullable = false)
    public int version;

    /** A {@link io.throughline.channel.template.TemplateDocument} as JSON. */
    @Column(nullable = false)
    public String document;

    @Column(name = "created_at", nullable = false)
    public Instant createdAt;

    @Column(name = "changed_at", nullable = false)
    public Instant changedAt;
}
