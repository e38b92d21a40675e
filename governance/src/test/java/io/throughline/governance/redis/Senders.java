package io.throughline.governance.redis;

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
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several processes that send as the channel service does: claim, ask, hydrate whom the gate does
 * not know, hand over within the lease, settle; and put back what could not be asked. More is
 * wanted of each customer than a cap allows.
 */
final class Senders implements AutoCloseable {

    static final int CAP = 3;
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
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final int AT_ONCE = 8;

    private final Ledger ledger = new Ledger();
    private final List<CustomerId> customers;
    private final BlockingQueue<GateRequest> queued = new LinkedBlockingQueue<>();
    private final Map<CustomerId, List<Instant>> received = new ConcurrentHashMap<>();
    private final Set<CustomerId> stopping = ConcurrentHashMap.newKeySet();
    private final Map<CustomerId, Instant> stopped = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger lates = new AtomicInteger();
    private final AtomicInteger handedOver = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean ended;

    /**
     * @param gates one for each process
     */
    Senders(List<? extends ContactGate> gates, int customers, long seed) {
        Random random = new Random(seed);
        this.customers =
                IntStream.range(0, customers)
                        .mapToObj(i -> new CustomerId(new UUID(random.nextLong(), i)))
                        .toList();
        for (ContactGate gate : gates) {
            threads.add(Thread.ofPlatform().start(() -> send(gate)));
        }
    }

    List<CustomerId> customers() {
        return customers;
    }

    /** One more message for each of them. */
    void want(List<CustomerId> of) {
        for (CustomerId customer : of) {
            open.incrementAndGet();
            queued.add(
                    new GateRequest(
                            customer,
                            new MessageId(UUID.randomUUID()),
                            Channel.SMS,
                            Category.MARKETING,
                            null,
                            null,
                            "+4179" + Math.floorMod(customer.hashCode(), 10_000_000)));
        }
    }

    /** A customer opts out; done when it is acknowledged. Fails where the gate does. */
    void stop(ContactGate gate, CustomerId customer) {
        stopping.add(customer);
        ledger.stop(
                gate,
                new ConsentWrite(
                        customer, null, Channel.SMS, null, ConsentState.OPTED_OUT, Instant.now()));
        stopped.put(customer, Instant.now());
    }

    int handedOver() {
        return handedOver.get();
    }

    /** How often the gate could not be asked. */
    int failures() {
        return failures.get();
    }

    /** How often an answer came when its lease was over. */
    int late() {
        return lates.get();
    }

    /**
     * Whether she opted out, or tried to: that may be in force without having been acknowledged.
     */
    boolean stopping(CustomerId customer) {
        return stopping.contains(customer);
    }

    boolean stopped(CustomerId customer) {
        return stopped.containsKey(customer);
    }

    /** Whether everything that was wanted was handed over or refused. */
    boolean through() {
        return open.get() == 0;
    }

    Map<CustomerId, List<Instant>> received() {
        return received;
    }

    List<String> afterStop() {
        return stopped.entrySet().stream()
                .flatMap(stop ->
                        received.getOrDefault(stop.getKey(), List.of()).stream()
                                .filter(at -> at.isAfter(stop.getValue()))
                                .map(at ->
                                        stop.getKey() + " at " + at + " after " + stop.getValue()))
                .toList();
    }

    private void send(ContactGate gate) {
        try {
            while (!ended) {
                GateRequest first = queued.poll(20, TimeUnit.MILLISECONDS);
                if (first != null) {
                    List<GateRequest> claims = new ArrayList<>(List.of(first));
                    queued.drainTo(claims, AT_ONCE - 1);
                    claims.forEach(ledger::claimed);
                    ask(gate, claims, true);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(ContactGate gate, List<GateRequest> claims, boolean mayHydrate) {
        List<GateAnswer> answers;
        try {
            answers = gate.reserve(claims, POLICY).await().atMost(PATIENT);
        } catch (RuntimeException notAsked) {
            failures.incrementAndGet();
            putBack(gate, claims);
            return;
        }
        List<GateRequest> unknown = new ArrayList<>();
        List<GateRequest> late = new ArrayList<>();
        List<ContactRef> sent = new ArrayList<>();
        for (int i = 0; i < claims.size(); i++) {
            GateRequest claim = claims.get(i);
            switch (answers.get(i)) {
                case GateAnswer.Allowed allowed -> {
                    Instant now = Instant.now();
                    if (now.isBefore(allowed.leaseUntil())) {
                        handOver(claim);
                        sent.add(new ContactRef(claim.customer(), claim.message()));
                    } else {
                        late.add(claim);
                        lates.incrementAndGet();
                    }
                }
                case GateAnswer.Denied denied
                        when denied.reason() == SuppressionReason.UNKNOWN_CUSTOMER ->
                        unknown.add(claim);
                case GateAnswer.Denied denied -> {
                    ledger.notSent(claim);
                    open.decrementAndGet();
                }
            }
        }
        settle(gate, sent);
        putBack(gate, late);
        if (unknown.isEmpty()) {
            return;
        }
        if (mayHydrate && hydrated(gate, unknown)) {
            ask(gate, unknown, false);
        } else {
            putBack(gate, unknown);
        }
    }

    private void handOver(GateRequest claim) {
        received.computeIfAbsent(claim.customer(), c -> new ArrayList<>());
        received.computeIfPresent(
                claim.customer(),
                (c, before) -> {
                    before.add(Instant.now());
                    return before;
                });
        ledger.sent(claim, Instant.now());
        handedOver.incrementAndGet();
        open.decrementAndGet();
    }

    private static void settle(ContactGate gate, List<ContactRef> sent) {
        if (sent.isEmpty()) {
            return;
        }
        try {
            gate.settle(sent).await().atMost(PATIENT);
        } catch (RuntimeException keepsCounting) {
            // As the dispatcher does: it errs on the quiet side.
        }
    }

    private boolean hydrated(ContactGate gate, List<GateRequest> unknown) {
        try {
            ledger.hydrate(
                            gate,
                            each(unknown, GateRequest::customer),
                            each(unknown, r -> r.message()))
                    .await()
                    .atMost(PATIENT);
            return true;
        } catch (RuntimeException notNow) {
            failures.incrementAndGet();
            return false;
        }
    }

    private static <T> Set<T> each(List<GateRequest> requests, Function<GateRequest, T> what) {
        return requests.stream().map(what).collect(Collectors.toSet());
    }

    /** A contact is returned before its message is queued again. */
    private void putBack(ContactGate gate, List<GateRequest> claims) {
        if (claims.isEmpty()) {
            return;
        }
        try {
            gate.refund(
                            claims.stream()
                                    .map(c -> new ContactRef(c.customer(), c.message()))
                                    .toList())
                    .await()
                    .atMost(PATIENT);
        } catch (RuntimeException keepsCounting) {
            // As the dispatcher does: it errs on the quiet side.
        }
        claims.forEach(ledger::notSent);
        queued.addAll(claims);
    }

    /** The customers of whom the test holds. */
    List<CustomerId> those(Predicate<CustomerId> which) {
        return customers.stream().filter(which).toList();
    }

    @Override
    public void close() {
        ended = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
