package io.throughline.journey.store;

import io.throughline.chassis.http.Extract;
import io.throughline.chassis.http.Extract.Part;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** All that this service keeps of a customer, each part found by its index. */
@ApplicationScoped
class KnownOfCustomers implements Extract.Known {

    // Index: customers_pkey, instances_customer, timers_pkey, entries_pkey, behaviours_customer.
    private static final List<Part> PARTS =
            List.of(
                    new Part(
                            "profiles",
                            """
                            SELECT id, survivor, profile_version AS "profileVersion", traits, addresses,
                                   time_zone AS "timeZone", locale, whereabouts, consents, engagement,
                                   segments, scores, joined_at AS "joinedAt"
                              FROM customers WHERE id = ANY($1) ORDER BY id
                            """),
                    new Part(
                            "instances",
                            """
                            SELECT id, customer, journey, version, status, held_out AS "heldOut",
                                   left_reason AS "leftReason", state, entered_at AS "enteredAt",
                                   changed_at AS "changedAt"
                              FROM instances WHERE customer = ANY($1) ORDER BY entered_at, id
                            """),
                    new Part(
                            "timers",
                            """
                            SELECT t.instance, t.key, t.journey, t.kind, t.due_at AS "dueAt", t.held, t.payload
                              FROM instances i JOIN timers t ON t.instance = i.id
                             WHERE i.customer = ANY($1) ORDER BY t.due_at, t.key
                            """),
                    new Part(
                            "entries",
                            """
                            SELECT customer, journey, trigger, entered_at AS "enteredAt"
                              FROM entries WHERE customer = ANY($1) ORDER BY entered_at
                            """),
                    new Part(
                            "behaviours",
                            """
                            SELECT id, customer, received_at AS "receivedAt", event
                              FROM behaviours WHERE customer = ANY($1) ORDER BY received_at, id
                            """));

    @Override
    public List<Part> parts() {
        return PARTS;
    }
}
