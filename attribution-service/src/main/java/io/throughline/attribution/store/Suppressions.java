package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.suppression.HandedOver;
import io.throughline.attribution.suppression.Lift;
import io.throughline.attribution.suppression.Suppression;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
import io.throughline.contracts.message.MessageEvent;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Conversions' silences, opt-outs and hand-overs, each kept as it was told, under the id it was
 * told of. What slipped past is found by joining them when it is asked for, so neither the order in
 * which they come nor a merge in between can hide one: no transaction has to see what another does
 * at the same time.
 */
@ApplicationScoped
public class Suppressions {

    private static final String JOIN_SUPPRESSIONS =
            """
            INSERT INTO suppressions (id, customer, kind, channel, topic, journey, name, source, happened_at,
                                      left_at, received_at, in_force_at, until, asked_at, acknowledged_at,
                                      cause, categories, caused_at)
            SELECT id, customer, kind, channel, topic, journey, name, source, happened_at, left_at, received_at,
                   in_force_at, until, asked_at, acknowledged_at, cause, string_to_array(categories, ','), caused_at
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                                 $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[],
                                 $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
                                 $14::timestamptz[], $15::timestamptz[], $16::text[], $17::text[],
                                 $18::timestamptz[])
                   AS s(id, customer, kind, channel, topic, journey, name, source, happened_at, left_at, received_at,
                        in_force_at, until, asked_at, acknowledged_at, cause, categories, caused_at)
            ON CONFLICT (id) DO UPDATE SET
                source = least(suppressions.source COLLATE "C", excluded.source COLLATE "C"),
                left_at = least(suppressions.left_at, excluded.left_at),
                received_at = least(suppressions.received_at, excluded.received_at),
                in_force_at = least(suppressions.in_force_at, excluded.in_force_at),
                asked_at = least(suppressions.asked_at, excluded.asked_at),
                acknowledged_at = least(suppressions.acknowledged_at, excluded.acknowledged_at)
            """;

    private static final String ADD_LIFTS =
            """
            INSERT INTO lifts (id, customer, kind, channel, topic, cause, at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                                 $7::timestamptz[])
            ON CONFLICT DO NOTHING
            """;

    private static final String JOIN_HAND_OVERS =
            """
            INSERT INTO hand_overs (message, customer, channel, journey, topic, heeds_consent, heeds_silence,
                                    handed_over_at, recall, category)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[],
                                 $7::boolean[], $8::timestamptz[], $9::text[], $10::text[])
            ON CONFLICT (message) DO UPDATE SET
                channel = CASE WHEN excluded.handed_over_at IS NULL THEN hand_overs.channel
                               ELSE excluded.channel END,
                journey = coalesce(hand_overs.journey, excluded.journey),
                topic = coalesce(hand_overs.topic, excluded.topic),
                category = coalesce(hand_overs.category, excluded.category),
                heeds_consent = hand_overs.heeds_consent OR excluded.heeds_consent,
                heeds_silence = hand_overs.heeds_silence OR excluded.heeds_silence,
                handed_over_at = least(hand_overs.handed_over_at, excluded.handed_over_at),
                recall = least(hand_overs.recall COLLATE "C", excluded.recall COLLATE "C")
            """;

    /** What a batch of events tells, joined. */
    public static final class Told {

        private final Map<UUID, Suppression> suppressions = new HashMap<>();
        private final Map<UUID, Lift> lifts = new HashMap<>();
        private final Map<MessageId, HandedOver> handedOver = new HashMap<>();
        private final Map<UUID, UUID> sightings = new HashMap<>();

        /**
         * @param id of the event
         */
        public void take(UUID id, CustomerEvent event) {
            if (event instanceof SilenceBegun begun) {
                add(Suppression.of(id, begun));
                if (begun.sighting() != null) {
                    sightings.put(id, begun.sighting());
                }
            } else if (event instanceof SilenceLifted lifted) {
                lifts.put(id, Lift.of(id, lifted));
                if (lifted.sighting() != null) {
                    sightings.put(id, lifted.sighting());
                }
            } else if (event instanceof ConsentChanged said) {
                Suppression.of(said).ifPresent(this::add);
                Lift.of(id, said).ifPresent(lift -> lifts.put(lift.id(), lift));
            }
        }

        public void take(MessageEvent event) {
            Suppression.of(event).ifPresent(this::add);
            HandedOver.of(event).ifPresent(h -> handedOver.merge(h.message(), h, HandedOver::and));
        }

        private void add(Suppression suppression) {
            suppressions.merge(suppression.id(), suppression, Suppression::and);
        }

        /** By which sightings silences and liftings were whose they were taken for. */
        public Map<UUID, UUID> sightings() {
            return sightings;
        }

        public Collection<Suppression> suppressions() {
            return suppressions.values();
        }
    }

    /** Joins what was told to what is known already. */
    public Uni<Void> join(SqlConnection tx, Told told) {
        return joinSuppressions(tx, told)
                .chain(() -> addLifts(tx, told))
                .chain(() -> joinHandOvers(tx, told));
    }

    // Rows are locked in the order of their ids, so that two batches never wait in a circle.

    private static Uni<Void> joinSuppressions(SqlConnection tx, Told told) {
        List<Suppression> sorted =
                told.suppressions.values().stream()
                        .sorted(Comparator.comparing(Suppression::id))
                        .toList();
        return sorted.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(JOIN_SUPPRESSIONS)
                        .execute(
                                new Columns<>(sorted)
                                        .uuid(Suppression::id)
                                        .uuid(s -> s.customer().value())
                                        .text(s -> s.kind().word())
                                        .text(Suppression::channel)
                                        .text(Suppression::topic)
                                        .text(Suppression::journey)
                                        .text(Suppression::name)
                                        .text(Suppression::source)
                                        .time(Suppression::happenedAt)
                                        .time(Suppression::leftAt)
                                        .time(Suppression::receivedAt)
                                        .time(Suppression::inForceAt)
                                        .time(Suppression::until)
                                        .time(Suppression::askedAt)
                                        .time(Suppression::acknowledgedAt)
                                        .text(Suppression::cause)
                                        .text(Suppression::categories)
                                        .time(Suppression::causedAt)
                                        .tuple())
                        .replaceWithVoid();
    }

    private static Uni<Void> addLifts(SqlConnection tx, Told told) {
        return told.lifts.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(ADD_LIFTS)
                        .execute(
                                new Columns<>(List.copyOf(told.lifts.values()))
                                        .uuid(Lift::id)
                                        .uuid(l -> l.customer().value())
                                        .text(l -> l.kind().word())
                                        .text(Lift::channel)
                                        .text(Lift::topic)
                                        .text(Lift::cause)
                                        .time(Lift::at)
                                        .tuple())
                        .replaceWithVoid();
    }

    private static Uni<Void> joinHandOvers(SqlConnection tx, Told told) {
        List<HandedOver> sorted =
                told.handedOver.values().stream()
                        .sorted(Comparator.comparing((HandedOver h) -> h.message().value()))
                        .toList();
        return sorted.isEmpty()
                ? Uni.createFrom().voidItem()
                : tx.preparedQuery(JOIN_HAND_OVERS)
                        .execute(
                                new Columns<>(sorted)
                                        .uuid(h -> h.message().value())
                                        .uuid(h -> h.customer().value())
                                        .text(h -> h.channel().word())
                                        .text(HandedOver::journey)
                                        .text(HandedOver::topic)
                                        .truth(HandedOver::heedsConsent)
                                        .truth(HandedOver::heedsSilence)
                                        .time(HandedOver::at)
                                        .text(HandedOver::recall)
                                        .text(HandedOver::category)
                                        .tuple())
                        .replaceWithVoid();
    }
}
