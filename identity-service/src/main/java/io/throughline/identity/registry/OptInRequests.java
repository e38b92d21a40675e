package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Statements;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.source.LinkToken;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.OptInRequestStore;
import io.throughline.identity.store.OptInRequestStore.OptInRequest;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Double opt-in: somebody asked for messages to an address, and whoever has the address says
 * whether it was she. The request is told as the event {@value #REQUESTED}, which a journey answers
 * with the message that has the link in it; until the link's page is confirmed nothing is opted
 * into.
 */
@ApplicationScoped
public class OptInRequests {

    /** Name of the event. */
    public static final String REQUESTED = "Opt-In Requested";

    /** As long as German courts have thought reasonable, and no longer. */
    private static final Duration VALID = Duration.ofDays(7);

    /** Forms are filled in with strangers' addresses; they are not written to without end. */
    private static final int MOST_A_DAY = 5;

    private static final String BY = "identity";

    private final OptInRequestStore requests;
    private final ConsentBook book;
    private final Told told;
    private final CustomerReader customers;
    private final InstantSource clock;
    private final RandomGenerator random;

    /** Where a request is told of. */
    @ApplicationScoped
    static class Told {

        private final TimelineStore timeline;
        private final Outbox outbox;

        Told(TimelineStore timeline, Outbox outbox) {
            this.timeline = timeline;
            this.outbox = outbox;
        }

        /** The link is for the journey alone; in the history it would be there to be clicked. */
        Uni<Void> of(SqlConnection tx, OptInRequest request, String link) {
            return Statements.inOneGo(
                    List.of(
                            timeline.append(tx, List.of(entry(request))),
                            outbox.append(tx, List.of(event(request, link)))));
        }

        private static TimelineEntry entry(OptInRequest request) {
            Map<String, Object> entry = properties(request);
            entry.put("identifier", request.identifier());
            entry.put("source", request.provenance().source());
            return new TimelineEntry(
                    request.customer(), request.requestedAt(), "opt-in-requested", entry);
        }

        private static BehaviourRecorded event(OptInRequest request, String link) {
            Map<String, Object> properties = properties(request);
            properties.put("confirmation_url", link);
            properties.put("expires_at", request.expiresAt().toString());
            return new BehaviourRecorded(
                    request.customer(),
                    "opt-in-request:" + request.id(),
                    BY,
                    AcceptedEvent.Kind.TRACK,
                    REQUESTED,
                    properties,
                    Map.of(),
                    List.of(request.identifier()),
                    request.requestedAt(),
                    request.requestedAt());
        }

        private static Map<String, Object> properties(OptInRequest request) {
            Map<String, Object> properties = new TreeMap<>();
            properties.put("channel", request.about().channel().word());
            if (request.about().topic() != null) {
                properties.put("topic", request.about().topic());
            }
            properties.put("request", request.id().toString());
            return properties;
        }
    }

    OptInRequests(
            OptInRequestStore requests,
            ConsentBook book,
            Told told,
            CustomerReader customers,
            InstantSource clock,
            RandomGenerator random) {
        this.requests = requests;
        this.book = book;
        this.told = told;
        this.customers = customers;
        this.clock = clock;
        this.random = random;
    }

    /** What became of a link. */
    public enum Confirmation {
        CONFIRMED,
        /** It was, now or before; a stop that stands is in its way. */
        STOPPED,
        TOO_OLD,
        UNKNOWN
    }

    /**
     * Asks for an opt-in.
     *
     * @param identifier the address that confirms
     * @param base of the link, without a slash at the end
     * @return empty where it was asked for too often
     */
    public Uni<Optional<OptInRequest>> ask(
            Identifier identifier, About about, Provenance provenance, String base) {
        Instant now = now();
        LinkToken token = LinkToken.mint(random);
        return book.aboutOwner(
                identifier,
                provenance,
                (tx, customer) -> {
                    OptInRequest request = request(customer, identifier, about, provenance, now);
                    return requests.since(tx, identifier, now.minus(Duration.ofDays(1)))
                            .chain(before ->
                                    before >= MOST_A_DAY
                                            ? Uni.createFrom().item(Optional.empty())
                                            : add(tx, request, token, base));
                });
    }

    private Uni<Optional<OptInRequest>> add(
            SqlConnection tx, OptInRequest request, LinkToken token, String base) {
        return requests.add(tx, request, token.hash())
                .chain(() -> told.of(tx, request, base + "/opt-ins/" + token.text()))
                .replaceWith(Optional.of(request));
    }

    private OptInRequest request(
            CustomerId customer,
            Identifier identifier,
            About about,
            Provenance provenance,
            Instant now) {
        return new OptInRequest(
                Ids.timeOrdered(now, random),
                customer,
                identifier,
                about,
                provenance,
                now,
                now.plus(VALID),
                null);
    }

    public Uni<Optional<OptInRequest>> find(UUID id) {
        return requests.find(id);
    }

    /** What waits for a customer under any of her ids, newest first. */
    public Uni<List<OptInRequest>> pending(List<CustomerId> ids) {
        return requests.pending(ids, now());
    }

    /** The request that a link is for. */
    public Uni<Optional<OptInRequest>> behind(String token) {
        return requests.behind(new LinkToken(token).hash());
    }

    /**
     * Whoever has the address says that it was she: in force when this is answered, once.
     *
     * @param from of the browser that said it
     */
    public Uni<Confirmation> confirm(String token, Evidence from) {
        byte[] hash = new LinkToken(token).hash();
        return requests.behind(hash)
                .chain(found ->
                        found.isEmpty()
                                ? Uni.createFrom().item(Confirmation.UNKNOWN)
                                : confirm(found.get(), hash, from));
    }

    private Uni<Confirmation> confirm(OptInRequest request, byte[] hash, Evidence from) {
        Instant now = now();
        if (request.confirmedAt() != null) {
            return standing(request);
        }
        if (!request.isPending(now)) {
            return Uni.createFrom().item(Confirmation.TOO_OLD);
        }
        Statement statement = statement(request, from);
        return book.take(tx ->
                        requests.confirm(tx, hash, now)
                                .map(first -> first ? List.of(statement) : List.of()))
                .chain(taken -> standing(request));
    }

    /** What a request that was confirmed comes to now. */
    public Uni<Confirmation> standing(OptInRequest request) {
        return customers
                .current(List.of(request.customer()))
                .chain(current ->
                        customers.standing(
                                current.getOrDefault(request.customer(), request.customer())))
                .map(standing ->
                        standing.stream().anyMatch(said -> stops(said, request))
                                ? Confirmation.STOPPED
                                : Confirmation.CONFIRMED);
    }

    private static boolean stops(ConsentWrite said, OptInRequest request) {
        return said.state() == ConsentState.OPTED_OUT
                && said.channel() == request.about().channel()
                && (said.address() == null || said.address().equals(request.identifier().value()))
                && (said.topic() == null || said.topic().equals(request.about().topic()));
    }

    private static Statement statement(OptInRequest request, Evidence from) {
        Provenance asked = request.provenance();
        return new Statement(
                request.identifier(),
                request.about().channel(),
                request.about().topic(),
                ConsentState.OPTED_IN,
                new Provenance(
                        asked.source(),
                        from.withRequest(request.id().toString()),
                        asked.wording(),
                        asked.legalBasis(),
                        BY));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
