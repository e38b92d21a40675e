package io.throughline.channel.store;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.link.LinkTokens;
import io.throughline.channel.link.Links.Target;
import io.throughline.contracts.MessageId;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where click tokens lead. */
@ApplicationScoped
public class LinkTargets {

    /**
     * A message composed again has the same links, and one that was removed since has none: it is
     * held so that it cannot go in between.
     */
    private static final String ADD =
            """
            WITH there AS (
              SELECT id FROM messages WHERE id = ANY($2) ORDER BY id FOR KEY SHARE)
            INSERT INTO links (token, message, url, created_at)
            SELECT token, message, url, $4 FROM unnest($1::text[], $2::uuid[], $3::text[])
                   AS l(token, message, url) JOIN there ON there.id = l.message
             ORDER BY token
            ON CONFLICT DO NOTHING
            """;

    /** By the primary key. */
    private static final String FIND =
            "SELECT message, url FROM links WHERE token = $1 AND created_at > $2";

    private final Pool pool;

    LinkTargets(Pool pool) {
        this.pool = pool;
    }

    public Uni<Void> add(Collection<Target> targets, Instant now) {
        if (targets.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Target> list = List.copyOf(targets);
        return pool.preparedQuery(ADD)
                .execute(
                        Tuple.of(
                                list.stream().map(Target::token).toArray(String[]::new),
                                list.stream().map(t -> t.message().value()).toArray(UUID[]::new),
                                list.stream().map(Target::url).toArray(String[]::new),
                                Columns.time(now)))
                .replaceWithVoid();
    }

    /** A null item where the token is unknown or older than a link works. */
    public Uni<@Nullable Target> find(String token, Instant now) {
        Instant oldest = now.minus(Duration.ofDays(LinkTokens.VALID_DAYS));
        return pool.preparedQuery(FIND)
                .execute(Tuple.of(token, Columns.time(oldest)))
                .map(rows -> {
                    for (Row row : rows) {
                        return new Target(
                                token, new MessageId(row.getUUID("message")), row.getString("url"));
                    }
                    return null;
                });
    }
}
