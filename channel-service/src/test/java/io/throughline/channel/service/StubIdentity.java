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
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What identity does when the gate lacks a customer: here everybody has opted in to everything. */
@Path("/internal/gate/hydrate")
@Singleton
public class StubIdentity {

    static final AtomicBoolean AWAY = new AtomicBoolean();
    static final AtomicInteger ASKED = new AtomicInteger();

    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    private final ContactGate gate;

    StubIdentity(ContactGate gate) {
        this.gate = gate;
    }

    public record Body(List<CustomerId> customers) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Void> hydrate(Body body) {
        ASKED.incrementAndGet();
        if (AWAY.get()) {
            throw Problem.unavailable("away");
        }
        return gate.hydrate(body.customers().stream().map(StubIdentity::optedIn).toList());
    }

    private static CustomerHistory optedIn(CustomerId customer) {
        return new CustomerHistory.Permissions(
                customer,
                List.of(
                        new ConsentWrite(
                                customer,
                                null,
                                Channel.EMAIL,
                                null,
                                ConsentState.OPTED_IN,
                                LONG_AGO),
                        new ConsentWrite(
                                customer,
                                null,
                                Channel.SMS,
                                null,
                                ConsentState.OPTED_IN,
                                LONG_AGO)),
                List.of(),
                null,
                List.of());
    }
}
