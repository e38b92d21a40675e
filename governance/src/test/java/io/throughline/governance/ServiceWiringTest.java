package io.throughline.governance;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.PassedOver;
import io.throughline.contracts.Topics;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.PolicyEvent.ContactPolicyPublished;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.governance.policy.PoliciesChanged;
import io.throughline.governance.policy.PoliciesFollower;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.core.Context;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.mutiny.redis.client.Request;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("In a service")
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ServiceWiringTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject ContactGate gate;
    @Inject PublishedPolicies policies;
    @Inject Compiler compiler;
    @Inject Redis redis;

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String brokers;

    private final EventCodec codec = new EventCodec();

    @Test
    @DisplayName("policies come from the topic, past what cannot be read, and the service is ready")
    void policies() throws Exception {
        int version = policies.contactPolicy().version() + 1;
        try (KafkaProducer<String, byte[]> producer = producer()) {
            producer.send(new ProducerRecord<>(Topics.POLICIES, "junk", new byte[] {1})).get();
            ProducerRecord<String, byte[]> untimely =
                    new ProducerRecord<>(Topics.POLICIES, "untimely", new byte[] {1});
            untimely.headers().add("ce_specversion", bytes("1.0"));
            untimely.headers().add("ce_type", bytes("io.throughline.contact-policy-published"));
            untimely.headers().add("ce_id", bytes("7"));
            untimely.headers().add("ce_source", bytes("not a URI"));
            untimely.headers().add("ce_time", bytes("yesterday"));
            producer.send(untimely).get();
            publish(producer, new ContactPolicyPublished(policy(version), Instant.EPOCH));
            publish(
                    producer,
                    new ConversionRulesPublished(
                            "cart",
                            1,
                            List.of(
                                    new ConversionRule(
                                            "Order Completed",
                                            null,
                                            null,
                                            null,
                                            Duration.ofDays(2),
                                            SilenceScope.ALL_JOURNEYS)),
                            Instant.EPOCH));
        }
        await().atMost(SOON)
                .untilAsserted(() -> {
                    assertThat(policies.contactPolicy()).isEqualTo(policy(version));
                    assertThat(policies.conversions())
                            .singleElement()
                            .matches(c -> c.journey().equals("cart"));
                });
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(get("/q/health/ready").statusCode()).isEqualTo(200));
        assertThat(compiler.passedOver())
                .anySatisfy(record -> {
                    assertThat(record.topic()).isEqualTo(Topics.POLICIES);
                    assertThat(record.key()).isEqualTo("junk");
                    assertThat(record.reason()).isEqualTo("header ce_type is missing");
                });
    }

    @Test
    @DisplayName("what is to be in force is compiled before it is, and not on an event loop")
    void compiledFirst() throws Exception {
        int version = policies.contactPolicy().version() + 100;
        try (KafkaProducer<String, byte[]> producer = producer()) {
            publish(producer, new ContactPolicyPublished(policy(version), Instant.EPOCH));
        }
        await().atMost(SOON).until(() -> policies.contactPolicy().version() == version);
        assertThat(compiler.told())
                .anySatisfy(told -> {
                    assertThat(told.change().contactPolicy().version()).isEqualTo(version);
                    assertThat(told.inForce().version()).isNotEqualTo(version);
                    assertThat(told.onEventLoop()).isFalse();
                });
    }

    @Test
    @DisplayName("who cannot take a policy keeps nobody else from it, and is told until it can")
    void oneCannotTakeIt() throws Exception {
        int version = policies.contactPolicy().version() + 1000;
        Stubborn.refuses = true;
        try (KafkaProducer<String, byte[]> producer = producer()) {
            producer.send(new ProducerRecord<>(Topics.POLICIES, "unkeepable", new byte[] {1}))
                    .get();
            publish(producer, new ContactPolicyPublished(policy(version), Instant.EPOCH));

            await().atMost(SOON).until(() -> policies.contactPolicy().version() == version);
            assertThat(compiler.told())
                    .anyMatch(told -> told.change().contactPolicy().version() == version);
            assertThat(get("/q/metrics").body().asString())
                    .contains("throughline_policy_version " + version + ".0");
            await().atMost(SOON)
                    .untilAsserted(() -> {
                        Response ready = get("/q/health/ready");
                        assertThat(ready.statusCode()).isEqualTo(503);
                        assertThat(ready.body().asString())
                                .contains("Stubborn", "could not take contact policy " + version);
                    });
            assertThat(policies.caughtUp()).as("what it had goes on").isTrue();
        } finally {
            Stubborn.refuses = false;
        }
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(get("/q/health/ready").statusCode()).isEqualTo(200));
        assertThat(Stubborn.taken).isEqualTo(version);
    }

    /** Cannot take what is new while it refuses. */
    @ApplicationScoped
    static class Stubborn implements PoliciesFollower {

        static volatile boolean refuses;
        static volatile int taken;

        @Override
        public void follow(PoliciesChanged change) {
            if (refuses) {
                throw new IllegalStateException("no");
            }
            taken = change.contactPolicy().version();
        }
    }

    /** What services do with a change. */
    @ApplicationScoped
    static class Compiler implements PoliciesFollower {

        private final List<PassedOver> passedOver = new CopyOnWriteArrayList<>();
        private final List<Told> told = new CopyOnWriteArrayList<>();
        private final PublishedPolicies policies;

        Compiler(PublishedPolicies policies) {
            this.policies = policies;
        }

        List<PassedOver> passedOver() {
            return List.copyOf(passedOver);
        }

        void passOver(@Observes PassedOver record) {
            passedOver.add(record);
            if ("unkeepable".equals(record.key())) {
                throw new IllegalStateException("there is no place for it");
            }
        }

        List<Told> told() {
            return List.copyOf(told);
        }

        record Told(PoliciesChanged change, ContactPolicy inForce, boolean onEventLoop) {}

        @Override
        public void follow(PoliciesChanged change) {
            told.add(new Told(change, policies.contactPolicy(), Context.isOnEventLoopThread()));
        }
    }

    @Test
    @DisplayName("a Redis that may evict is said, and until it may not the service is not ready")
    void eviction() {
        try {
            config("maxmemory", "1gb");
            config("maxmemory-policy", "allkeys-lru");
            Response ready = get("/q/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body().asString())
                    .contains("gate memory", "allkeys-lru", "set maxmemory-policy to noeviction");
        } finally {
            config("maxmemory-policy", "noeviction");
            config("maxmemory", "0");
        }
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(get("/q/health/ready").statusCode()).isEqualTo(200));
    }

    private void config(String name, String value) {
        redis.send(Request.cmd(Command.CONFIG).arg("SET").arg(name).arg(value))
                .await()
                .atMost(SOON);
    }

    @Test
    @DisplayName("the gate answers on Redis's own clock")
    void gate() {
        CustomerId customer = new CustomerId(Ids.timeOrdered(Instant.now(), new Random()));
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        "cart",
                        "+15550100");
        ContactPolicy policy = policy(1);

        assertThat(reserve(request, policy)).isInstanceOf(GateAnswer.Denied.class);
        ConsentWrite optIn =
                new ConsentWrite(
                        customer,
                        null,
                        Channel.SMS,
                        null,
                        ConsentState.OPTED_IN,
                        Instant.parse("2026-01-01T00:00:00Z"));
        gate.hydrate(
                        List.of(
                                new CustomerHistory.Contacts(customer, List.of()),
                                new CustomerHistory.Permissions(
                                        customer, List.of(optIn), List.of(), null, List.of())))
                .await()
                .atMost(SOON);
        assertThat(reserve(request, policy))
                .isInstanceOfSatisfying(
                        GateAnswer.Allowed.class,
                        allowed -> assertThat(allowed.leaseUntil()).isAfter(Instant.now()));
    }

    private GateAnswer reserve(GateRequest request, ContactPolicy policy) {
        return gate.reserve(List.of(request), policy).await().atMost(SOON).getFirst();
    }

    private static ContactPolicy policy(int version) {
        return new ContactPolicy(
                version,
                List.of(
                        new ContactPolicy.Cap(
                                ContactPolicy.Scope.GLOBAL, null, 1, Duration.ofDays(1))),
                null,
                null,
                "UTC",
                Map.of(),
                Set.of(),
                List.of());
    }

    private void publish(KafkaProducer<String, byte[]> producer, PolicyEvent event)
            throws Exception {
        Envelope<PolicyEvent> envelope =
                new Envelope<>(UUID.randomUUID(), "/throughline/journey", Instant.EPOCH, event);
        ProducerRecord<String, byte[]> published =
                new ProducerRecord<>(Topics.POLICIES, event.partitionKey(), codec.value(event));
        codec.headers(envelope)
                .forEach((name, value) ->
                        published.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(published).get();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private KafkaProducer<String, byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers),
                new StringSerializer(),
                new ByteArraySerializer());
    }
}
