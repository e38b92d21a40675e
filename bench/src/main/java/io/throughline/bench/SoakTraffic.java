package io.throughline.bench;

import io.throughline.bench.checker.Acknowledgement;
import io.throughline.bench.checker.Acknowledgement.Conversion;
import io.throughline.bench.checker.Acknowledgement.OptIn;
import io.throughline.bench.checker.Acknowledgement.Stop;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.simulators.Simulators;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What customers do. Each does one thing after the other, so that the order of what was asked for
 * her is known; what is not answered is asked for again at the other process.
 */
final class SoakTraffic {

    static final Duration SILENCE = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration BEFORE_ANOTHER_TRY = Duration.ofMillis(150);
    private static final List<String> CHANNELS = List.of("sms", "email");

    /** Not known when, if at all. */
    private static final Instant NEVER_ANSWERED = Instant.MAX;

    private final List<ShopApi> doors;
    private final Simulators outside;
    private final List<Person> people;
    private final Queue<Acknowledgement> acknowledged = new ConcurrentLinkedQueue<>();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final AtomicInteger events = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicInteger turns = new AtomicInteger();

    SoakTraffic(List<URI> identities, Simulators outside, List<Person> people) {
        this.doors = identities.stream().map(ShopApi::new).toList();
        this.outside = outside;
        this.people = people;
    }

    Collection<Acknowledgement> acknowledged() {
        return List.copyOf(acknowledged);
    }

    int events() {
        return events.get();
    }

    int unanswered() {
        return unanswered.get();
    }

    /** What one customer does for some seconds; nothing if she is at something already. */
    void visit(long seed) throws InterruptedException {
        Random random = new Random(seed);
        // Half of it all is done by a fiftieth, whom the caps stop again and again.
        int among = random.nextBoolean() ? people.size() : Math.max(1, people.size() / 50);
        Person person = people.get(random.nextInt(among));
        if (!busy.add(person.user())) {
            return;
        }
        try {
            offer(person, random);
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
                    pause(random, 1_500);
                    stop(person, channel, random);
                    offer(person, random);
                    pause(random, 8_000);
                    optIn(person, channel);
                    offer(person, random);
                }
                case 2, 3 -> {
                    pause(random, 1_500);
                    convert(person);
                    offer(person, random);
                }
                default -> {}
            }
        } finally {
            busy.remove(person.user());
        }
    }

    private void offer(Person person, Random random) throws InterruptedException {
        String token = Long.toHexString(random.nextLong());
        if (asked(() -> track(person, "Soak Offer", Map.of("token", token))).isEmpty()) {
            return;
        }
        events.incrementAndGet();
    }

    private void convert(Person person) throws InterruptedException {
        List<Instant> when =
                asked(() -> track(person, Denial.ORDER, Map.of("order_id", person.user())));
        if (!when.isEmpty()) {
            // The silence runs from the event that was answered, which was the last to be sent.
            acknowledged.add(new Conversion(person.user(), when.get(1), when.getLast(), SILENCE));
        }
    }

    private void stop(Person person, String channel, Random random) throws InterruptedException {
        boolean byText = channel.equals("sms") && random.nextBoolean();
        List<Instant> when =
                asked(byText ? () -> text(person) : () -> consent(person, channel, "opted_out"));
        if (!when.isEmpty()) {
            acknowledged.add(new Stop(person.user(), channel, when.getFirst(), when.getLast()));
        }
    }

    private void optIn(Person person, String channel) throws InterruptedException {
        Instant sent = Instant.now();
        List<Instant> when = asked(() -> consent(person, channel, "opted_in"));
        acknowledged.add(
                new OptIn(
                        person.user(),
                        channel,
                        sent,
                        when.isEmpty() ? NEVER_ANSWERED : when.getLast()));
    }

    private void track(Person person, String event, Map<String, String> properties) {
        door().site(
                        "track",
                        Map.of("userId", person.user(), "event", event, "properties", properties));
    }

    private void consent(Person person, String channel, String state) {
        var _ =
                door().manage(
                                "PUT",
                                "/api/consents",
                                "application/json",
                                """
                                {"identifier":"%s","channel":"%s","state":"%s","source":"soak"}\
                                """
                                        .formatted(person.identifier(), channel, state));
    }

    private void text(Person person) {
        int status = outside.textFromSubscriber(person.phone(), "Throughline", "STOP");
        if (status != 0) {
            throw new IllegalStateException("deliver_sm_resp with status " + status);
        }
    }

    private ShopApi door() {
        return doors.get(Math.floorMod(turns.getAndIncrement(), doors.size()));
    }

    /**
     * Asks until it is answered.
     *
     * @return when it was first sent, when it was last sent, when that was answered; empty if it
     *     never was
     */
    private List<Instant> asked(Runnable request) throws InterruptedException {
        Instant first = Instant.now();
        List<Instant> when = new ArrayList<>();
        while (Duration.between(first, Instant.now()).compareTo(PATIENCE) < 0) {
            Instant sent = Instant.now();
            try {
                request.run();
                when.addAll(List.of(first, sent, Instant.now()));
                return when;
            } catch (StartFailure | IllegalStateException | UncheckedIOException refused) {
                Thread.sleep(BEFORE_ANOTHER_TRY);
            }
        }
        unanswered.incrementAndGet();
        return when;
    }

    private static void pause(Random random, int mostMillis) throws InterruptedException {
        Thread.sleep(random.nextInt(mostMillis));
    }
}
