package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.identity.registry.Evaluating.Asked;
import io.throughline.identity.segment.Segments;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at the customers of whom something was told, at the segments that it may touch. */
@ApplicationScoped
public class Segmenting {

    private final Evaluating evaluating;

    Segmenting(Evaluating evaluating) {
        this.evaluating = evaluating;
    }

    /** Looks at everybody whom the events are about. */
    public Uni<Void> apply(SqlConnection tx, List<CustomerEvent> events) {
        return evaluating.evaluate(tx, segments -> asked(segments, events)).replaceWithVoid();
    }

    private static Asked asked(Segments segments, List<CustomerEvent> events) {
        Map<CustomerId, Set<String>> touched = new HashMap<>();
        Set<CustomerId> gone = new HashSet<>();
        for (CustomerEvent event : events) {
            Set<String> keys =
                    switch (event) {
                        case BehaviourRecorded behaviour -> touchedBy(segments, behaviour);
                        case ProfileChanged profile -> segments.touchedByProfile();
                        case ConsentChanged consent -> segments.touchedByConsent();
                        case SilenceBegun begun -> Set.of();
                        case SilenceLifted lifted -> Set.of();
                        case CustomersMerged merge -> segments.keys();
                        case IdentifiersUnlinked unlinked -> segments.keys();
                        case SegmentEntered entered -> Set.of();
                        case SegmentLeft left -> Set.of();
                        // Her memberships went with her.
                        case CustomerErased erased -> Set.of();
                    };
            touch(touched, event.customer(), keys);
            if (event instanceof CustomersMerged merge) {
                gone.add(merge.merged());
            } else if (event instanceof IdentifiersUnlinked unlinked) {
                touch(touched, unlinked.to(), keys);
            }
        }
        return new Asked(touched, gone, false);
    }

    private static Set<String> touchedBy(Segments segments, BehaviourRecorded behaviour) {
        String name = behaviour.name();
        return behaviour.kind() == Kind.TRACK && name != null
                ? segments.touchedByEvent(name)
                : Set.of();
    }

    private static void touch(
            Map<CustomerId, Set<String>> touched, CustomerId customer, Set<String> keys) {
        if (!keys.isEmpty()) {
            touched.computeIfAbsent(customer, id -> new HashSet<>()).addAll(keys);
        }
    }
}
