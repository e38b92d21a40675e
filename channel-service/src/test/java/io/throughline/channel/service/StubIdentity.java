package io.throughline.channel.service;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import jakarta.annotation.security.RolesAllowed;
import jakarta.inject.Singleton;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What identity does when the gate lacks a customer: here everybody has opted in to everything. */
@Path("/identity/internal/gate/hydrate")
@Singleton
public class StubIdentity {

    static final AtomicBoolean AWAY = new AtomicBoolean();
    static final AtomicInteger ASKED = new AtomicInteger();

    /** What its ledger says besides. */
    static final Map<CustomerId, List<ConsentWrite>> SAID = new ConcurrentHashMap<>();

    /** Whom it does not know. */
    static final Set<CustomerId> UNKNOWN = ConcurrentHashMap.newKeySet();

    /** Of some all the ids that are theirs, whatever the channel service has read. */
    static final Map<CustomerId, Set<CustomerId>> IDS_OF = new ConcurrentHashMap<>();

    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    private final ContactGate gate;

    StubIdentity(ContactGate gate) {
        this.gate = gate;
    }

    public record Body(List<CustomerId> customers) {}

    public record Answer(List<CustomerId> unknown, Map<CustomerId, Set<CustomerId>> idsOf) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Answer> hydrate(Body body) {
        ASKED.incrementAndGet();
        if (AWAY.get()) {
            throw Problem.unavailable("away");
        }
        Map<CustomerId, Set<CustomerId>> idsOf = new HashMap<>(IDS_OF);
        idsOf.keySet().retainAll(body.customers());
        return gate.hydrate(
                        body.customers().stream()
                                .filter(customer -> !UNKNOWN.contains(customer))
                                .map(StubIdentity::optedIn)
                                .toList())
                .replaceWith(new Answer(List.of(), idsOf));
    }

    private static CustomerHistory optedIn(CustomerId customer) {
        List<ConsentWrite> said = new ArrayList<>();
        said.add(optIn(customer, Channel.EMAIL));
        said.add(optIn(customer, Channel.SMS));
        said.addAll(SAID.getOrDefault(customer, List.of()));
        return new CustomerHistory.Permissions(customer, said, List.of(), null, List.of());
    }

    private static ConsentWrite optIn(CustomerId customer, Channel channel) {
        return new ConsentWrite(customer, null, channel, null, ConsentState.OPTED_IN, LONG_AGO);
    }
}
