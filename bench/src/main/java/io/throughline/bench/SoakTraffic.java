package io.throughline.bench;

import io.throughline.bench.checker.Acknowledgement;
import io.throughline.bench.checker.Acknowledgement.Conversion;
import io.throughline.bench.checker.Acknowledgement.OptIn;
import io.throughline.bench.checker.Acknowledgement.Stop;
import io.throughline.local.Service;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.infrastructure.StartFailure;
import io.throughline.local.simulators.Simulators;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What customers do. Each does one thing after the other, so that the order of what was asked for
 * her is known; what is not answered is asked for again at the other process, an event under the
 * same {@code messageId}, as every client library does, so that it is one event.
 */
final class SoakTraffic {

    static final Duration SILENCE = Duration.ofSeconds(20);

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration BEFORE_ANOTHER_TRY = Duration.ofMillis(150);
    private static final Duration LONGEST_BEFORE_ANOTHER_TRY = Duration.ofSeconds(2);

    /** More would only keep what just came back from getting anywhere. */
    private static final int MOST_AT_ONCE = 150;

    private static final List<String> CHANNELS = List.of("sms", "email");

    /** By then a process is no longer at what nobody waits for any more. */
    private static final Duration GIVEN_UP = Duration.ofMinutes(2);

    /** What was sent, by what it was, and how it went. */
    enum Counted {
        OFFERS("offers acknowledged, each for %d journeys".formatted(SoakShop.JOURNEYS.size())),
        STOPS_BY_API("stops acknowledged by PUT /api/consents"),
        STOPS_BY_TEXT("stops acknowledged by deliver_sm_resp"),
        STOPS_BY_CLICK("stops acknowledged by one click"),
        OPT_INS("opt-ins acknowledged"),
        CONVERSIONS("conversions acknowledged"),
        REPEATED("requests sent again, since they were refused or not answered"),
        UNANSWERED("requests given up");

        private final String words;

        Counted(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private final SoakProcesses processes;
    private final Simulators outside;
    private final Carriers carriers;
    private final List<Person> people;
    private final List<ShopApi> doors;
    private final OneClick oneClick = new OneClick();
    private final Queue<Acknowledgement> acknowledged = new ConcurrentLinkedQueue<>();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Map<Counted, AtomicInteger> counts = new EnumMap<>(Counted.class);
    private final AtomicInteger turns = new AtomicInteger();
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);
    private volatile boolean ending;

    SoakTraffic(
            SoakProcesses processes, Simulators outside, Carriers carriers, List<Person> people) {
        this.processes = processes;
        this.outside = outside;
        this.carriers = carriers;
        this.people = people;
        this.doors = processes.doors(Service.IDENTITY).stream().map(ShopApi::new).toList();
        for (Counted each : Counted.values()) {
            counts.put(each, new AtomicInteger());
        }
    }

    Collection<Acknowledgement> acknowledged() {
        return List.copyOf(acknowledged);
    }

    int count(Counted counted) {
        return counter(counted).get();
    }

    private AtomicInteger counter(Counted counted) {
        return Objects.requireNonNull(counts.get(counted));
    }

    /** Nobody begins anything any more; what was asked for is still waited for. */
    void end() {
        ending = true;
    }

    /**
     * What one customer does for some seconds; nothing if she is at something already, or as many
     * as may be are.
     */
    void visit(long seed) throws InterruptedException {
        Random random = new Random(seed);
        // Half of it all is done by a fiftieth, whom the caps stop again and again.
        int among = random.nextBoolean() ? people.size() : Math.max(1, people.size() / 50);
        Person person = people.get(random.nextInt(among));
        if (!places.tryAcquire()) {
            return;
        }
        try {
            if (busy.add(person.user())) {
                shop(person, random);
            }
        } finally {
            places.release();
        }
    }

    private void shop(Person person, Random random) throws InterruptedException {
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
                    convert(person, random);
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
        var _ = asked(Counted.OFFERS, () -> track(person, token, "Soak Offer", "token", token));
    }

    private void convert(Person person, Random random) throws InterruptedException {
        String id = Long.toHexString(random.nextLong());
        asked(Counted.CONVERSIONS, () -> track(person, id, Denial.ORDER, "order_id", person.user()))
                .ifPresent(when ->
                        acknowledged.add(
                                // The first may have been received, though not answered.
                                new Conversion(
                                        person.user(), when.sent(), when.answered(), SILENCE)));
    }

    private void stop(Person person, String channel, Random random) throws InterruptedException {
        Counted by = by(person, channel, random);
        Optional<URI> link = carriers.unsubscribing(person);
        asked(
                        by,
                        switch (by) {
                            case STOPS_BY_TEXT -> () -> text(person);
                            case STOPS_BY_CLICK -> () -> click(link.orElseThrow());
                            default -> () -> consent(person, channel, "opted_out");
                        })
                .ifPresent(when ->
                        acknowledged.add(
                                new Stop(person.user(), channel, when.sent(), when.answered())));
    }

    /** Half of them as customers do it, where they can. */
    private Counted by(Person person, String channel, Random random) {
        if (random.nextBoolean()) {
            return Counted.STOPS_BY_API;
        }
        if (channel.equals("sms")) {
            return Counted.STOPS_BY_TEXT;
        }
        return carriers.unsubscribing(person).isPresent()
                ? Counted.STOPS_BY_CLICK
                : Counted.STOPS_BY_API;
    }

    private void optIn(Person person, String channel) throws InterruptedException {
        Instant sent = Instant.now();
        Optional<Answered> when =
                asked(Counted.OPT_INS, () -> consent(person, channel, "opted_in"));
        acknowledged.add(
                new OptIn(
                        person.user(),
                        channel,
                        sent,
                        when.filter(answered -> !answered.doubtful())
                                .map(Answered::answered)
                                .orElseGet(() -> Instant.now().plus(GIVEN_UP))));
    }

    private void track(Person person, String id, String event, String property, String value) {
        door().site(
                        "track",
                        Map.of(
                                "messageId",
                                id,
                                "userId",
                                person.user(),
                                "event",
                                event,
                                "properties",
                                Map.of(property, value)));
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

    private void click(URI link) {
        List<URI> channels = processes.doors(Service.CHANNEL);
        oneClick.post(
                channels.get(Math.floorMod(turns.getAndIncrement(), channels.size()))
                        .resolve(link.getRawPath()));
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
     * What was asked for and done.
     *
     * @param sent when it was sent first
     * @param doubtful whether an earlier request of the same was given up without an answer by a
     *     process that may be at it still
     */
    private record Answered(Instant sent, Instant answered, boolean doubtful) {}

    /** Asks until it is answered; empty if it never was, or nobody begins anything any more. */
    private Optional<Answered> asked(Counted what, Runnable request) throws InterruptedException {
        if (ending) {
            return Optional.empty();
        }
        Instant first = Instant.now();
        boolean doubtful = false;
        Duration pause = BEFORE_ANOTHER_TRY;
        while (Duration.between(first, Instant.now()).compareTo(PATIENCE) < 0) {
            try {
                request.run();
                counter(what).incrementAndGet();
                return Optional.of(new Answered(first, Instant.now(), doubtful));
            } catch (StartFailure | IllegalStateException | UncheckedIOException refused) {
                doubtful |= refused.getCause() instanceof HttpTimeoutException;
                counter(Counted.REPEATED).incrementAndGet();
                Thread.sleep(pause);
                pause = shorter(pause.multipliedBy(2), LONGEST_BEFORE_ANOTHER_TRY);
            }
        }
        counter(Counted.UNANSWERED).incrementAndGet();
        return Optional.empty();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static void pause(Random random, int mostMillis) throws InterruptedException {
        Thread.sleep(random.nextInt(mostMillis));
    }
}
