package io.throughline.attribution.erasure;

import io.throughline.chassis.http.Extract;
import io.throughline.chassis.http.Extract.Part;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** All that this service keeps of a customer, each part found by its index on the customer. */
@ApplicationScoped
class KnownOfCustomers implements Extract.Known {

    private static final List<Part> PARTS =
            List.of(
                    new Part(
                            "decisions",
                            """
                            SELECT id, customer, at, type, body AS "decision"
                              FROM decisions WHERE customer = ANY($1) ORDER BY at, id
                            """),
                    new Part(
                            "assignments",
                            """
                            SELECT id, customer, journey, version, held_out AS "heldOut", holdout, at
                              FROM assignments WHERE customer = ANY($1) ORDER BY at, id
                            """),
                    new Part(
                            "messages",
                            """
                            SELECT id, customer, channel, journey, template, sent_at AS "sentAt",
                                   delivered_at AS "deliveredAt", failed_at AS "failedAt",
                                   unknown_at AS "unknownAt", opened_at AS "openedAt",
                                   clicked_at AS "clickedAt"
                              FROM (SELECT * FROM messages WHERE customer = ANY($1) AND failed_at IS NULL
                                     UNION ALL
                                    SELECT * FROM messages WHERE customer = ANY($1) AND failed_at IS NOT NULL) m
                             ORDER BY tried_at, id
                            """),
                    new Part(
                            "suppressions",
                            """
                            SELECT id, customer, kind, channel, topic, journey, name, source,
                                   happened_at AS "happenedAt", received_at AS "receivedAt",
                                   in_force_at AS "inForceAt", until, categories
                              FROM suppressions WHERE customer = ANY($1) ORDER BY happened_at, id
                            """),
                    new Part(
                            "handOvers",
                            """
                            SELECT message AS id, customer, channel, journey, topic, category,
                                   handed_over_at AS "handedOverAt", recall
                              FROM hand_overs WHERE customer = ANY($1) ORDER BY handed_over_at, message
                            """),
                    new Part(
                            "visits",
                            """
                            SELECT id, customer, name, source, medium, started_at AS "startedAt",
                                   last_at AS "lastAt"
                              FROM sessions WHERE customer = ANY($1) ORDER BY started_at, id
                            """),
                    new Part(
                            "conversions",
                            """
                            SELECT id, nullif(journey, '') AS journey, customer, name, at, order_id AS "orderId",
                                   value, currency, gross
                              FROM conversions WHERE customer = ANY($1) ORDER BY at, id, journey
                            """),
                    new Part(
                            "reversals",
                            """
                            SELECT id, customer, order_id AS "orderId", amount, at
                              FROM reversals WHERE customer = ANY($1) ORDER BY at, id
                            """));

    @Override
    public List<Part> parts() {
        return PARTS;
    }
}
