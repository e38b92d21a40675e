package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.touch.MessageFacts;
import io.throughline.contracts.message.MessageEvent;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What became of messages, and what customers said against them. */
@ApplicationScoped
public class Messages {

    private static final String JOIN =
            """
            INSERT INTO messages (id, customer, channel, journey, template,
                                  sent_at, delivered_at, failed_at, unknown_at, opened_at, clicked_at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
                                 $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
                                 $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])
            ON CONFLICT (id) DO UPDATE SET
                journey = coalesce(messages.journey, excluded.journey),
                template = coalesce(messages.template, excluded.template),
                channel = CASE WHEN excluded.sent_at IS NULL THEN messages.channel ELSE excluded.channel END,
                sent_at = least(messages.sent_at, excluded.sent_at),
                delivered_at = least(messages.delivered_at, excluded.delivered_at),
                failed_at = least(messages.failed_at, excluded.failed_at),
                unknown_at = least(messages.unknown_at, excluded.unknown_at),
                opened_at = least(messages.opened_at, excluded.opened_at),
                clicked_at = least(messages.clicked_at, excluded.clicked_at)
            """;

    private static final String OBJECT =
            """
            INSERT INTO objections (id, kind, channel, message, at)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
            ON CONFLICT DO NOTHING
            """;

    /**
     * Somebody unsubscribed or complained.
     *
     * @param id of the event that tells of it
     */
    public record Objection(UUID id, MessageEvent.FromAddress event) {}

    /**
     * Joins facts to what is known already.
     *
     * @param facts one of each message
     */
    public Uni<Void> join(SqlConnection tx, Collection<MessageFacts> facts) {
        if (facts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<MessageFacts> sorted =
                facts.stream()
                        .sorted(Comparator.comparing((MessageFacts f) -> f.message().value()))
                        .toList();
        return tx.preparedQuery(JOIN)
                .execute(
                        new Columns<>(sorted)
                                .uuid(f -> f.message().value())
                                .uuid(f -> f.customer().value())
                                .text(f -> f.channel().word())
                                .text(Messages::journey)
                                .text(MessageFacts::template)
                                .time(MessageFacts::sentAt)
                                .time(MessageFacts::deliveredAt)
                                .time(MessageFacts::failedAt)
                                .time(MessageFacts::unknownAt)
                                .time(MessageFacts::openedAt)
                                .time(MessageFacts::clickedAt)
                                .tuple())
                .replaceWithVoid();
    }

    public Uni<Void> object(SqlConnection tx, List<Objection> objections) {
        if (objections.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(OBJECT)
                .execute(
                        new Columns<>(objections)
                                .uuid(Objection::id)
                                .text(o -> kind(o.event()))
                                .text(o -> o.event().channel().word())
                                .uuid(o -> message(o.event()))
                                .time(o -> o.event().at())
                                .tuple())
                .replaceWithVoid();
    }

    private static @Nullable String journey(MessageFacts facts) {
        return facts.origin() == null ? null : facts.origin().journey();
    }

    private static @Nullable UUID message(MessageEvent.FromAddress event) {
        return event.message() == null ? null : event.message().value();
    }

    private static String kind(MessageEvent.FromAddress event) {
        return switch (event) {
            case MessageEvent.Unsubscribed e -> "unsubscribed";
            case MessageEvent.Complained e -> "complained";
            case MessageEvent.Replied e -> "replied";
            case MessageEvent.StopInForce e -> "stop-in-force";
        };
    }
}
