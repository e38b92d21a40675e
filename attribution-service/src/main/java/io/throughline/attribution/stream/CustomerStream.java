package io.throughline.attribution.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.conversion.Achieved;
import io.throughline.attribution.conversion.ConversionRules;
import io.throughline.attribution.conversion.Reversal;
import io.throughline.attribution.store.Conversions;
import io.throughline.attribution.store.Customers;
import io.throughline.attribution.store.Sessions;
import io.throughline.attribution.store.Suppressions;
import io.throughline.attribution.touch.Campaign;
import io.throughline.attribution.touch.Session;
import io.throughline.attribution.touch.SessionLog;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Merges, visits, conversions and what takes them back. */
@ApplicationScoped
public class CustomerStream {

    private static final Set<Kind> VISITS = Set.of(Kind.TRACK, Kind.PAGE, Kind.SCREEN);

    private final Gathering batches;
    private final Customers customers;
    private final Sessions sessions;
    private final Conversions conversions;
    private final Suppressions suppressions;
    private final SuppressionMeter meter;
    private final RulesInForce rules;

    CustomerStream(
            Vertx vertx,
            Intake intake,
            Customers customers,
            Sessions sessions,
            Conversions conversions,
            Suppressions suppressions,
            SuppressionMeter meter,
            RulesInForce rules) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.customers = customers;
        this.sessions = sessions;
        this.conversions = conversions;
        this.suppressions = suppressions;
        this.meter = meter;
        this.rules = rules;
    }

    private record Behaviour(UUID event, BehaviourRecorded recorded) {

        Instant at() {
            return recorded.occurredAt();
        }

        CustomerId customer() {
            return recorded.customer();
        }
    }

    @Incoming("customers")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events) {
        List<CustomersMerged> merges = new ArrayList<>();
        List<IdentifiersUnlinked> unlinked = new ArrayList<>();
        List<Behaviour> behaviour = new ArrayList<>();
        Suppressions.Told suppressed = new Suppressions.Told();
        for (Envelope<?> event : events) {
            if (event.data() instanceof CustomerEvent said) {
                suppressed.take(event.id(), said);
            }
            if (event.data() instanceof CustomersMerged merged) {
                merges.add(merged);
            } else if (event.data() instanceof IdentifiersUnlinked unlink) {
                unlinked.add(unlink);
            } else if (event.data() instanceof BehaviourRecorded recorded) {
                behaviour.add(new Behaviour(event.id(), recorded));
            }
        }
        List<Achieved> achieved = achieved(behaviour);
        List<Reversal> reversed = reversed(behaviour);
        return customers
                .merge(tx, merges)
                .chain(() -> conversions.add(tx, achieved))
                .chain(() -> conversions.reverse(tx, reversed))
                .chain(() -> followVisits(tx, visits(behaviour)))
                .chain(begun ->
                        customers.remember(tx, sightings(behaviour, achieved, reversed, begun)))
                .chain(() -> suppressions.join(tx, suppressed))
                .chain(() -> customers.remember(tx, suppressed.sightings()))
                .invoke(() -> meter.told(suppressed.suppressions()))
                // After the behaviour of the same batch, which was told before it.
                .chain(() -> customers.unlink(tx, unlinked));
    }

    private static Map<UUID, UUID> sightings(
            List<Behaviour> behaviour,
            List<Achieved> achieved,
            List<Reversal> reversed,
            Collection<Session> begun) {
        Set<UUID> kept = new HashSet<>();
        achieved.forEach(a -> kept.add(a.event()));
        reversed.forEach(r -> kept.add(r.event()));
        begun.forEach(s -> kept.add(s.id()));
        Map<UUID, UUID> sightings = new HashMap<>();
        for (Behaviour b : behaviour) {
            UUID sighting = b.recorded().sighting();
            if (sighting != null && kept.contains(b.event())) {
                sightings.put(b.event(), sighting);
            }
        }
        return sightings;
    }

    private List<Achieved> achieved(List<Behaviour> behaviour) {
        ConversionRules inForce = rules.now();
        return behaviour.stream()
                .flatMap(b -> inForce.conversions(b.event(), b.recorded()).stream())
                .toList();
    }

    private static List<Reversal> reversed(List<Behaviour> behaviour) {
        return behaviour.stream()
                .map(b -> ConversionRules.reversal(b.event(), b.recorded()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static List<Behaviour> visits(List<Behaviour> behaviour) {
        return behaviour.stream().filter(b -> VISITS.contains(b.recorded().kind())).toList();
    }

    private Uni<Collection<Session>> followVisits(SqlConnection tx, List<Behaviour> visits) {
        return customers
                .survivors(tx, visits.stream().map(Behaviour::customer).toList())
                .chain(survivors ->
                        sessions.near(tx, stretches(visits, survivors))
                                .map(known -> follow(known, visits, survivors)))
                .chain(log -> sessions.save(tx, log.changed()).replaceWith(log::changed));
    }

    private static List<Sessions.Stretch> stretches(
            List<Behaviour> visits, Map<CustomerId, CustomerId> survivors) {
        Map<CustomerId, Sessions.Stretch> stretches = new LinkedHashMap<>();
        for (Behaviour visit : visits) {
            CustomerId customer = survivors.getOrDefault(visit.customer(), visit.customer());
            stretches.merge(
                    customer,
                    new Sessions.Stretch(customer, visit.at(), visit.at()),
                    Sessions.Stretch::and);
        }
        return List.copyOf(stretches.values());
    }

    private static SessionLog follow(
            List<Session> known, List<Behaviour> visits, Map<CustomerId, CustomerId> survivors) {
        SessionLog log = new SessionLog(known);
        for (Behaviour visit : visits) {
            log.visit(
                    visit.event(),
                    survivors.getOrDefault(visit.customer(), visit.customer()),
                    visit.at(),
                    Campaign.of(visit.recorded().context(), visit.recorded().properties())
                            .orElse(null));
        }
        return log;
    }
}
