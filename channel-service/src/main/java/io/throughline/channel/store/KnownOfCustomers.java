package io.throughline.channel.store;

import io.throughline.chassis.http.Extract;
import io.throughline.chassis.http.Extract.Part;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * All that this service keeps of a customer. Each part is found by customer, by its index, or by
 * her messages or addresses. What a message said is not kept: it follows from its template and
 * variables.
 */
@ApplicationScoped
class KnownOfCustomers implements Extract.Known {

    private static final List<Part> PARTS =
            List.of(
                    new Part(
                            "messages",
                            """
                            SELECT id, customer, channel, address, template, variables, category, topic, journey,
                                   journey_version AS "journeyVersion", instance, step, locale, fallbacks,
                                   requested_at AS "requestedAt", deadline, state, attempts, route, verdicts,
                                   policy_version AS "policyVersion", sent_at AS "sentAt",
                                   delivered_at AS "deliveredAt"
                              FROM messages WHERE customer = ANY($1) ORDER BY requested_at, id
                            """),
                    new Part(
                            "history",
                            """
                            SELECT h.message, h.at, h.state, h.detail
                              FROM messages m JOIN message_history h ON h.message = m.id
                             WHERE m.customer = ANY($1) ORDER BY h.at, h.id
                            """),
                    new Part(
                            "links",
                            """
                            SELECT l.message, l.url, l.created_at AS "createdAt"
                              FROM messages m JOIN links l ON l.message = m.id
                             WHERE m.customer = ANY($1) ORDER BY l.created_at, l.token
                            """),
                    new Part(
                            "addresses",
                            """
                            SELECT channel, address FROM address_book
                             WHERE customer = ANY($1) ORDER BY channel, address
                            """),
                    new Part(
                            "received",
                            """
                            SELECT t.channel, t.address, t.body, t.keyword, t.received_at AS "receivedAt"
                              FROM (SELECT channel, address FROM address_book WHERE customer = ANY($1)
                                    UNION SELECT channel, address FROM messages WHERE customer = ANY($1)) a
                              JOIN inbound_texts t USING (channel, address)
                             ORDER BY t.received_at, t.id
                            """),
                    new Part(
                            "optOuts",
                            """
                            SELECT channel, address, message, means, evidence, at FROM opt_outs
                             WHERE customer = ANY($1) ORDER BY at, id
                            """));

    @Override
    public List<Part> parts() {
        return PARTS;
    }
}
