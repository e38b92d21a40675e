package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateAnswer.Allowed;
import io.throughline.governance.GateAnswer.Denied;
import io.throughline.governance.GateRequest;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The gate on a Redis Cluster")
class RedisClusterTest {

    private static final int CAP = 3;
    private static final ContactPolicy POLICY =
            new ContactPolicy(
                    1,
                    List.of(new Cap(Scope.GLOBAL, null, CAP, Duration.ofDays(1))),
                    null,
                    null,
                    "UTC",
                    Map.of(),
                    Set.of(),
                    List.of());

    @TempDir private static Path directory;

    private final Ledger ledger = new Ledger();

    private static RedisClusterProcesses cluster;

    private static final Random RANDOM = new Random(7);

    @BeforeAll
    static void start() {
        cluster = new RedisClusterProcesses(directory);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @DisplayName("is not ready while any of the masters may evict")
    void anyMasterThatEvicts() {
        EvictionReadiness readiness = new EvictionReadiness(cluster.gate());
        RedisClusterProcesses.Node last = cluster.nodes().getLast();
        assertThat(up(readiness)).isTrue();
        try {
            last.ask(config("maxmemory", "1gb"));
            last.ask(config("maxmemory-policy", "volatile-lru"));
            assertThat(up(readiness)).isFalse();
        } finally {
            last.ask(config("maxmemory-policy", "noeviction"));
            last.ask(config("maxmemory", "0"));
        }
        assertThat(up(readiness)).isTrue();
    }

    private static boolean up(EvictionReadiness readiness) {
        return readiness.call().await().atMost(Duration.ofSeconds(20)).getStatus()
                == HealthCheckResponse.Status.UP;
    }

    private static Request config(String name, String value) {
        return Request.cmd(Command.CONFIG).arg("SET").arg(name).arg(value);
    }

    @Test
    @DisplayName("answers a batch over all masters in the order of its questions")
    void order() {
        RedisGate gate = cluster.gate();
        List<CustomerId> customers = welcome(gate, 60);
        Set<Integer> owners = new TreeSet<>();
        customers.forEach(c -> owners.add(cluster.ownerOf(cluster.slotOf(RedisGate.keyOf(c)))));
        assertThat(owners).containsExactly(0, 1, 2);

        List<CustomerId> out = customers.subList(0, 20);
        out.forEach(customer -> await(gate.consent(List.of(stop(customer)))));
        List<GateAnswer> answers =
                await(gate.reserve(customers.stream().map(this::request).toList(), POLICY));
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i)).isInstanceOf(i < 20 ? Denied.class : Allowed.class);
        }
    }

    @Test
    @DisplayName("merges customers whose keys are on different masters")
    void mergeAcrossMasters() {
        RedisGate gate = cluster.gate();
        List<CustomerId> customers = welcome(gate, 30);
        CustomerId survivor = customers.getFirst();
        for (CustomerId merged : customers.subList(1, customers.size())) {
            await(gate.merge(survivor, merged));
        }
        for (int i = 0; i < CAP; i++) {
            assertThat(ask(gate, customers.get(i + 5))).isInstanceOf(Allowed.class);
        }
        assertThat(((Denied) ask(gate, customers.getLast())).reason())
                .isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    /**
     * Eight processes ask for the same customers while all their slots move to another master and
     * back. What failed may have counted, so caps are bounds; and whoever was told that a stop is
     * in force has seen the last message.
     */
    @Test
    @DisplayName("keeps caps and stops while slots move under load")
    void slotsMove() throws Exception {
        List<RedisGate> gates = IntStream.range(0, 8).mapToObj(i -> cluster.gate()).toList();
        List<CustomerId> customers = welcome(gates.getFirst(), 120);
        Map<CustomerId, Integer> allowed = new ConcurrentHashMap<>();
        Set<CustomerId> stopped = ConcurrentHashMap.newKeySet();
        List<CustomerId> tooLate = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        AtomicBoolean moving = new AtomicBoolean(true);

        List<Thread> senders = new ArrayList<>();
        for (int g = 0; g < gates.size(); g++) {
            RedisGate gate = gates.get(g);
            Random own = new Random(g);
            senders.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (moving.get()) {
                                    sendSome(
                                            gate, customers, own, allowed, stopped, tooLate,
                                            answered, failed);
                                }
                            }));
        }

        Set<Integer> slots = new TreeSet<>();
        customers.forEach(customer -> slots.add(cluster.slotOf(RedisGate.keyOf(customer))));
        int stops = 0;
        for (int round = 0; round < 2; round++) {
            for (int slot : slots) {
                int owner = cluster.ownerOf(slot);
                cluster.move(
                        slot, cluster.nodes().get(owner), cluster.nodes().get((owner + 1) % 3));
                if (round == 1 && stops < customers.size() / 2) {
                    CustomerId leaving = customers.get(stops++);
                    ledger.stop(gates.getFirst(), stop(leaving));
                    stopped.add(leaving);
                }
            }
        }
        moving.set(false);
        for (Thread sender : senders) {
            sender.join();
        }

        assertThat(tooLate).isEmpty();
        assertThat(stops).isPositive();
        assertThat(allowed).hasSize(customers.size());
        allowed.forEach(
                (customer, count) -> assertThat(count).as("%s", customer).isBetween(1, CAP));
        assertThat(failed.get()).isLessThan(answered.get() / 100 + 1);
        for (CustomerId customer : customers.subList(stops, customers.size())) {
            assertThat(((Denied) ask(gates.getLast(), customer)).reason())
                    .isEqualTo(SuppressionReason.GLOBAL_CAP);
        }
    }

    private void sendSome(
            RedisGate gate,
            List<CustomerId> customers,
            Random own,
            Map<CustomerId, Integer> allowed,
            Set<CustomerId> stopped,
            List<CustomerId> tooLate,
            AtomicInteger answered,
            AtomicInteger failed) {
        List<GateRequest> requests = new ArrayList<>();
        Set<CustomerId> before = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            CustomerId customer = customers.get(own.nextInt(customers.size()));
            if (stopped.contains(customer)) {
                before.add(customer);
            }
            requests.add(request(customer));
        }
        List<GateAnswer> answers;
        try {
            answers = reserve(gate, requests);
        } catch (RuntimeException notAsked) {
            failed.incrementAndGet();
            return;
        }
        answered.incrementAndGet();
        List<ContactRef> handedOver = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i) instanceof Allowed) {
                GateRequest request = requests.get(i);
                allowed.merge(request.customer(), 1, Integer::sum);
                ledger.sent(request, Instant.now());
                handedOver.add(new ContactRef(request.customer(), request.message()));
                if (before.contains(request.customer())) {
                    tooLate.add(request.customer());
                }
            } else {
                ledger.notSent(requests.get(i));
            }
        }
        await(gate.settle(handedOver));
    }

    /** A slot that moved has been written in another epoch, and is hydrated. */
    private List<GateAnswer> reserve(RedisGate gate, List<GateRequest> requests) {
        requests.forEach(ledger::claimed);
        List<GateAnswer> answers = new ArrayList<>(await(gate.reserve(requests, POLICY)));
        List<GateRequest> unknown = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (isUnknown(answers.get(i))) {
                unknown.add(requests.get(i));
            }
        }
        if (!unknown.isEmpty()) {
            await(
                    ledger.hydrate(
                            gate,
                            unknown.stream().map(GateRequest::customer).collect(Collectors.toSet()),
                            unknown.stream()
                                    .map(GateRequest::message)
                                    .collect(Collectors.toSet())));
            List<GateAnswer> again = await(gate.reserve(unknown, POLICY));
            unknown.forEach(r -> answers.set(requests.indexOf(r), again.get(unknown.indexOf(r))));
        }
        return answers;
    }

    private static boolean isUnknown(GateAnswer answer) {
        return answer instanceof Denied denied
                && denied.reason() == SuppressionReason.UNKNOWN_CUSTOMER;
    }

    private List<CustomerId> welcome(RedisGate gate, int count) {
        List<CustomerId> customers =
                IntStream.range(0, count)
                        .mapToObj(i -> new CustomerId(new UUID(RANDOM.nextLong(), i)))
                        .toList();
        List<CustomerHistory> histories = new ArrayList<>();
        for (CustomerId customer : customers) {
            histories.add(
                    new CustomerHistory.Permissions(
                            customer,
                            List.of(consent(customer, ConsentState.OPTED_IN, Instant.EPOCH)),
                            List.of(),
                            null,
                            List.of()));
            histories.add(new CustomerHistory.Contacts(customer, List.of()));
        }
        await(gate.hydrate(histories));
        return customers;
    }

    private GateAnswer ask(RedisGate gate, CustomerId customer) {
        return reserve(gate, List.of(request(customer))).getFirst();
    }

    private GateRequest request(CustomerId customer) {
        return new GateRequest(
                customer,
                new MessageId(UUID.randomUUID()),
                Channel.SMS,
                Category.MARKETING,
                null,
                null,
                address(customer));
    }

    private static ConsentWrite stop(CustomerId customer) {
        return consent(customer, ConsentState.OPTED_OUT, Instant.ofEpochMilli(1));
    }

    private static ConsentWrite consent(CustomerId customer, ConsentState state, Instant at) {
        return new ConsentWrite(customer, address(customer), Channel.SMS, null, state, at);
    }

    private static String address(CustomerId customer) {
        return "+4179" + Math.floorMod(customer.value().hashCode(), 10_000_000);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(60));
    }
}
