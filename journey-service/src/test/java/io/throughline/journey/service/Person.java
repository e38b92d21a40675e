package io.throughline.journey.service;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Ids;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** What identity and channel would say of one customer. */
record Person(CustomerId id) {

    private static final Random RANDOM = new Random();

    static Person anybody() {
        return new Person(new CustomerId(Ids.timeOrdered(Instant.now(), RANDOM)));
    }

    String email() {
        return "p" + id.value().getLeastSignificantBits() + "@example.com";
    }

    ProfileChanged profile() {
        return new ProfileChanged(
                id,
                1,
                List.of(new Identifier("email", email())),
                Map.of("firstName", "Ana"),
                Map.of(Channel.EMAIL, email(), Channel.SMS, "+34600111222"),
                "Europe/Madrid",
                "es-ES",
                Instant.now(),
                Instant.now());
    }

    ConsentChanged consents(Channel channel, ConsentState state) {
        return new ConsentChanged(
                id, channel, null, state, null, "test", Instant.now(), Instant.now());
    }

    BehaviourRecorded does(String name, Map<String, Object> properties) {
        return new BehaviourRecorded(
                id,
                UUID.randomUUID().toString(),
                "site",
                AcceptedEvent.Kind.TRACK,
                name,
                properties,
                Map.of(),
                List.of(),
                Instant.now(),
                Instant.now());
    }

    CustomersMerged absorbs(Person other) {
        return new CustomersMerged(id, other.id, UUID.randomUUID().toString(), Instant.now());
    }

    static MessageEvent.Sent sent(MessageRequested request) {
        return new MessageEvent.Sent(
                request.message(),
                request.customer(),
                request.channel(),
                request.origin(),
                request.template(),
                "test",
                null,
                1,
                List.of(),
                1,
                Instant.now());
    }
}
