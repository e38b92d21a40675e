package io.throughline.channel.store;

import com.fasterxml.jackson.core.type.TypeReference;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.template.TemplateDocument;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Templates: managed one by one, and read by the handful for each batch that is dispatched. */
@ApplicationScoped
public class Templates {

    /** By the primary key. */
    private static final String READ =
            "SELECT key, version, document FROM templates WHERE key = ANY($1)";

    private static final TypeReference<TemplateDocument> DOCUMENT = new TypeReference<>() {};

    private final Pool pool;

    Templates(Pool pool) {
        this.pool = pool;
    }

    /** A template as it is managed. */
    public record Stored(
            String key,
            int version,
            TemplateDocument document,
            Instant createdAt,
            Instant changedAt) {}

    /** A template as it is dispatched with. */
    public record Source(String key, int version, TemplateDocument document) {}

    /** Puts a new version; a document that says the same is one, too. */
    public Uni<Stored> put(String key, TemplateDocument document, Instant now) {
        return Panache.withTransaction(() ->
                Template.<Template>findById(key, LockModeType.PESSIMISTIC_WRITE)
                        .chain(found -> put(found, key, document, now))
                        .map(Templates::stored));
    }

    private static Uni<Template> put(
            @Nullable Template found, String key, TemplateDocument document, Instant now) {
        Template template = found == null ? new Template() : found;
        template.document = Columns.json(document);
        template.changedAt = now;
        template.version = template.version + 1;
        if (found != null) {
            return Uni.createFrom().item(template);
        }
        template.key = key;
        template.createdAt = now;
        return template.persist();
    }

    /** A null item where there is none. */
    public Uni<@Nullable Stored> find(String key) {
        return Panache.withSession(() -> Template.<Template>findById(key))
                .map(found -> found == null ? null : stored(found));
    }

    /**
     * Templates in the order of their keys.
     *
     * @param after the key to start after; empty for the start
     */
    public Uni<List<Stored>> list(String after, int most) {
        return Panache.withSession(() ->
                        Template.<Template>find("key > ?1 order by key", after)
                                .page(0, most)
                                .list())
                .map(found -> found.stream().map(Templates::stored).toList());
    }

    /** Those of the templates that exist. */
    public Uni<Map<String, Source>> sources(Set<String> keys) {
        return pool.preparedQuery(READ)
                .execute(Tuple.of((Object) keys.toArray(String[]::new)))
                .map(rows -> {
                    Map<String, Source> sources = new HashMap<>();
                    for (Row row : rows) {
                        sources.put(
                                row.getString("key"),
                                new Source(
                                        row.getString("key"),
                                        row.getInteger("version"),
                                        Columns.read(row.getString("document"), DOCUMENT)));
                    }
                    return sources;
                });
    }

    private static Stored stored(Template template) {
        return new Stored(
                template.key,
                template.version,
                Columns.read(template.document, DOCUMENT),
                template.createdAt,
                template.changedAt);
    }
}
