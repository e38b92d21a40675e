package io.throughline.identity.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Extract;
import io.throughline.chassis.http.Extract.Part;
import io.throughline.contracts.CustomerId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** All that this service keeps of a customer. Each part is found by customer, by its index. */
@ApplicationScoped
public class CustomerExtract implements Extract.Known {

    private static final List<Part> PARTS =
            List.of(
                    new Part(
                            "profiles",
                            """
                            SELECT id, merged_into AS "mergedInto", version, traits, facts, seen, purchases,
                                   first_seen AS "firstSeen", last_seen AS "lastSeen",
                                   created_at AS "createdAt", changed_at AS "changedAt"
                              FROM customers WHERE id = ANY($1) ORDER BY id
                            """),
                    new Part(
                            "identifiers",
                            """
                            SELECT type, value, customer_id AS customer, held, shared, cause,
                                   linked_at AS "linkedAt"
                              FROM identifiers WHERE customer_id = ANY($1) ORDER BY linked_at, type, value
                            """),
                    new Part(
                            "sightings",
                            """
                            SELECT id, customer_id AS customer, identifiers, trust, first_at AS "firstAt",
                                   first_source AS "firstSource", first_message AS "firstMessage", refused,
                                   knowledge
                              FROM sightings WHERE customer_id = ANY($1) ORDER BY first_at, id
                            """),
                    new Part(
                            "merges",
                            """
                            SELECT merged, survivor, cause, merged_at AS "mergedAt",
                                   survivor_held AS "survivorHeld", merged_held AS "mergedHeld"
                              FROM merges WHERE merged = ANY($1) ORDER BY merged_at, merged
                            """),
                    new Part(
                            "separations",
                            """
                            SELECT DISTINCT s.one, s.other, s.at, s.made_by AS "by"
                              FROM identifiers i
                              JOIN separations s ON i.type || ':' || i.value IN (s.one, s.other)
                             WHERE i.customer_id = ANY($1) ORDER BY s.at, s.one, s.other
                            """),
                    new Part(
                            "consents",
                            """
                            SELECT customer_id AS customer, channel, nullif(topic, '') AS topic, state, at
                              FROM consents WHERE customer_id = ANY($1) ORDER BY channel, topic
                            """),
                    new Part(
                            "addressConsents",
                            """
                            SELECT a.address, a.channel, nullif(a.topic, '') AS topic, a.state, a.at
                              FROM identifiers i JOIN address_consents a ON a.address = i.value
                             WHERE i.customer_id = ANY($1) AND i.held ORDER BY a.address, a.channel, a.topic
                            """),
                    new Part(
                            "consentLedger",
                            """
                            SELECT id, customer_id AS customer, channel, nullif(topic, '') AS topic, state,
                                   address, identifier, source, evidence, wording,
                                   legal_basis AS "legalBasis", recorded_by AS "recordedBy",
                                   occurred_at AS "occurredAt", recorded_at AS "recordedAt"
                            """
                                    + PermissionStore.LINES_OF
                                    + " ORDER BY recorded_at, id"),
                    new Part(
                            "optInRequests",
                            """
                            SELECT id, customer_id AS customer, identifier, channel, nullif(topic, '') AS topic,
                                   provenance, requested_at AS "requestedAt", expires_at AS "expiresAt",
                                   confirmed_at AS "confirmedAt"
                              FROM opt_in_requests WHERE customer_id = ANY($1) ORDER BY requested_at, id
                            """),
                    new Part(
                            "segments",
                            """
                            SELECT segment, version, since FROM segment_members
                             WHERE customer_id = ANY($1) ORDER BY segment
                            """),
                    new Part(
                            "silences",
                            """
                            SELECT customer_id AS customer, nullif(journey, '') AS journey, categories, until, lifted
                              FROM silences WHERE customer_id = ANY($1) ORDER BY until
                            """),
                    new Part(
                            "engagements",
                            """
                            SELECT customer_id AS customer, channel, counts
                              FROM engagements WHERE customer_id = ANY($1) ORDER BY customer_id, channel
                            """),
                    new Part(
                            "lastEngaged",
                            """
                            SELECT customer_id AS customer, at
                              FROM last_engaged WHERE customer_id = ANY($1) ORDER BY customer_id
                            """),
                    new Part(
                            "scores",
                            """
                            SELECT customer_id AS customer, name, value, model, version, at
                              FROM scores WHERE customer_id = ANY($1) ORDER BY customer_id, name
                            """),
                    new Part(
                            "scoreResets",
                            """
                            SELECT customer_id AS customer, at
                              FROM score_resets WHERE customer_id = ANY($1) ORDER BY customer_id
                            """),
                    new Part(
                            "quarantines",
                            """
                            SELECT customer_id AS customer, refused_at AS "refusedAt", links
                              FROM quarantines WHERE customer_id = ANY($1) ORDER BY customer_id
                            """),
                    new Part(
                            "followedLinks",
                            """
                            SELECT h.message, h.anonymous_id AS "anonymousId", h.noted_at AS "notedAt"
                              FROM identifiers i JOIN link_hints h ON h.anonymous_id = i.value
                             WHERE i.customer_id = ANY($1) AND i.type = 'anonymous_id' AND i.held
                             ORDER BY h.noted_at
                            """),
                    new Part(
                            "timeline",
                            """
                            SELECT customer_id AS customer, at, kind, entry, sighting
                              FROM timeline WHERE customer_id = ANY($1) ORDER BY at, id
                            """));

    private final Extract extract;

    CustomerExtract(Extract extract) {
        this.extract = extract;
    }

    @Override
    public List<Part> parts() {
        return PARTS;
    }

    /**
     * @param customers a customer's id and those that were merged into her
     */
    public Uni<ObjectNode> of(List<CustomerId> customers) {
        return extract.of(customers.stream().map(CustomerId::value).toList(), PARTS);
    }
}
