package io.throughline.channel.sms.smpp;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.throughline.channel.route.Content;
import io.throughline.channel.route.HandOver;
import io.throughline.channel.route.HandedOver;
import io.throughline.channel.route.Lease;
import io.throughline.channel.route.Outbound;
import io.throughline.channel.route.RecallAnswer;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Route;
import io.throughline.channel.sms.Segmentation;
import io.throughline.channel.sms.SmsAddress;
import io.throughline.channel.sms.Submission;
import io.throughline.channel.sms.Submission.Next;
import io.throughline.channel.sms.ValidityPeriod;
import io.throughline.channel.sms.smpp.SubmitSm.Receipts;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * SMS over SMPP 3.4. jsmpp's submission waits for its answer, so each message has a virtual thread
 * of its own, and the windows of the binds bound how many there are. The parts of a message go one
 * after another, so that a carrier who does not want the first does not get the others.
 */
public final class SmppRoute implements Route {

    static final String NAME = "smpp";

    private static final Logger LOG = Logger.getLogger(SmppRoute.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    /** How long the gate may take to say whether a part may still go. */
    private static final Duration LEASE_PATIENCE = Duration.ofSeconds(2);

    private final Carrier carrier;
    private final DeliverSmIntake intake;
    private final InstantSource clock;
    private final SubmissionMeter meter;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("smpp-", 0).factory());
    private final List<Bind> binds;
    private final AtomicInteger reference;
    private volatile boolean closing;

    SmppRoute(
            Carrier carrier,
            DeliverSmIntake intake,
            InstantSource clock,
            RandomGenerator random,
            SubmissionMeter meter) {
        this.carrier = carrier;
        this.intake = intake;
        this.clock = clock;
        this.meter = meter;
        this.reference = new AtomicInteger(random.nextInt(256));
        this.binds =
                IntStream.rangeClosed(1, carrier.binds())
                        .mapToObj(n -> new Bind(n, carrier, intake, clock, random, threads))
                        .toList();
    }

    /** Returns at once; {@link #up()} tells when a link stands. */
    void start() {
        binds.forEach(Bind::start);
        threads.execute(this::tick);
    }

    /** Waits for the answers under way, no longer than the carrier may take for them. */
    void close() {
        closing = true;
        List<Thread> leaving =
                binds.stream().map(bind -> Thread.startVirtualThread(() -> close(bind))).toList();
        try {
            for (Thread thread : leaving) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Channel channel() {
        return Channel.SMS;
    }

    @Override
    public boolean up() {
        return binds.stream().anyMatch(Bind::up);
    }

    @Override
    public int room() {
        return binds.stream().mapToInt(Bind::room).sum();
    }

    @Override
    public Uni<HandOver> handOver(Outbound message) {
        return Uni.createFrom()
                .deferred(() ->
                        Uni.createFrom()
                                .<HandOver>emitter(e -> begin(message, e))
                                .emitOn(callersContext()));
    }

    /** Outcomes come from virtual threads; the caller goes on where it was. */
    private static Executor callersContext() {
        Context context = Vertx.currentContext();
        return context == null
                ? Runnable::run
                : outcome -> context.runOnContext(ignored -> outcome.run());
    }

    @Override
    public Recallability recallability() {
        return new Recallability.OnRequest(CancelSm.NAME, this::recall);
    }

    private Uni<RecallAnswer> recall(HandedOver message) {
        return Uni.createFrom()
                .deferred(() ->
                        Uni.createFrom()
                                .<RecallAnswer>emitter(
                                        e -> threads.execute(() -> e.complete(cancelled(message))))
                                .emitOn(callersContext()));
    }

    /** Part after part; a text of which one part stays with the customer is not back. */
    private RecallAnswer cancelled(HandedOver message) {
        SmsAddress destination = SmsAddress.destination(message.to());
        List<String> givenBack = new ArrayList<>();
        for (String id : message.providerIds()) {
            Optional<Bind> bind = binds.stream().filter(Bind::up).findFirst();
            RecallAnswer answer =
                    bind.isEmpty()
                            ? new RecallAnswer.NotNow("the link to the carrier is down")
                            : bind.get().cancel(new CancelSm(carrier.source(), destination, id));
            if (!(answer instanceof RecallAnswer.GivenBack)) {
                return givenBack.isEmpty() ? answer : new RecallAnswer.Partly(givenBack, answer);
            }
            givenBack.add(id);
        }
        return new RecallAnswer.GivenBack();
    }

    private void begin(Outbound message, UniEmitter<? super HandOver> emitter) {
        Optional<Bind> bind = takePlace();
        if (bind.isEmpty()) {
            emitter.complete(noPlace());
            return;
        }
        Bind taken = bind.get();
        threads.execute(() -> emitter.complete(outcome(message, taken)));
    }

    /** Always something: of what goes wrong unforeseen nobody knows how far it came. */
    private HandOver outcome(Outbound message, Bind bind) {
        try {
            return meter.measured(() -> submit(message, bind));
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "Handing over message %s went wrong", message.message());
            return new HandOver.Unknown(e.toString());
        } finally {
            bind.giveBack();
        }
    }

    private Optional<Bind> takePlace() {
        return binds.stream()
                .sorted(Comparator.comparingInt(Bind::room).reversed())
                .filter(Bind::take)
                .findFirst();
    }

    private HandOver noPlace() {
        if (!up()) {
            return new HandOver.NotTaken("the link to the carrier is down");
        }
        Duration pause =
                binds.stream().map(Bind::pause).min(Comparator.naturalOrder()).orElseThrow();
        return pause.isZero()
                ? new HandOver.NotTaken("the window is full")
                : new HandOver.Throttled(pause);
    }

    private HandOver submit(Outbound message, Bind bind) {
        return switch (message.content()) {
            case Content.Email ignored ->
                    new HandOver.Refused("content", "an SMS route carries no email");
            case Content.Sms(String text) -> submit(message, text, Receipts.WANTED, bind);
            case Content.SmsAnswer(String text) -> submit(message, text, Receipts.NONE, bind);
        };
    }

    private HandOver submit(Outbound message, String text, Receipts receipts, Bind bind) {
        Duration remaining = Duration.between(clock.instant(), message.deadline());
        if (!remaining.isPositive()) {
            return new HandOver.NotTaken("the deadline has passed");
        }
        List<SubmitSm> parts;
        try {
            parts = parts(message.to(), text, receipts, remaining);
        } catch (IllegalArgumentException | IllegalStateException e) {
            return new HandOver.Refused("invalid", String.valueOf(e.getMessage()));
        }
        return named(message.message(), allOf(parts, bind, message.lease()));
    }

    private List<SubmitSm> parts(String to, String text, Receipts receipts, Duration remaining) {
        SmsAddress destination = SmsAddress.destination(to);
        Segmentation cut = Segmentation.of(text);
        String validity = ValidityPeriod.of(remaining);
        return cut.userData(reference.getAndIncrement() & 0xFF).stream()
                .map(userData ->
                        new SubmitSm(
                                carrier.source(),
                                destination,
                                cut.parts().size() > 1,
                                cut.encoding().dataCoding(),
                                receipts,
                                validity,
                                userData))
                .toList();
    }

    /** The lease is looked at before each part: a text is handed over with its last one. */
    private HandOver allOf(List<SubmitSm> parts, Bind bind, Lease lease) {
        Next next = new Next.Part(Submission.of(parts.size()), Duration.ZERO);
        while (true) {
            switch (next) {
                case Next.End(HandOver outcome) -> {
                    return outcome;
                }
                case Next.Part(Submission so, Duration after) -> {
                    if (!waited(after)) {
                        return so.stopped("the route was closed");
                    }
                    if (!holds(lease)) {
                        return so.stopped("its lease was over, and it got no other");
                    }
                    next = so.after(upOr(bind).submit(parts.get(so.part())));
                }
            }
        }
    }

    private static boolean holds(Lease lease) {
        try {
            return lease.holds().await().atMost(LEASE_PATIENCE);
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** A further part may go by another bind; handsets join them by the header. */
    private Bind upOr(Bind own) {
        return own.up() ? own : binds.stream().filter(Bind::up).findFirst().orElse(own);
    }

    /** Whether the whole wait was possible; it is not while this route is closing. */
    private boolean waited(Duration pause) {
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /**
     * Ids in the form in which receipts will be looked up. A carrier who gave none gets one of our
     * making, since an empty one would be that of other messages too.
     */
    private HandOver named(MessageId message, HandOver outcome) {
        return switch (outcome) {
            case HandOver.Accepted(List<String> ids) -> new HandOver.Accepted(named(message, ids));
            case HandOver.Unknown unknown ->
                    new HandOver.Unknown(
                            unknown.detail(),
                            named(message, unknown.providerIds()),
                            unknown.unanswered(),
                            unknown.unsent());
            case HandOver.Refused _, HandOver.Throttled _, HandOver.NotTaken _ -> outcome;
        };
    }

    private List<String> named(MessageId message, List<String> ids) {
        List<String> named = new ArrayList<>(ids.size());
        for (String id : ids) {
            named.add(
                    id.isBlank()
                            ? "unnamed:" + message + "/" + (named.size() + 1)
                            : carrier.customs().ids().ofAnswer(id.strip()));
        }
        return named;
    }

    private void tick() {
        while (!closing && waited(TICK)) {
            intake.giveUpOverdue();
        }
    }

    private static void close(Bind bind) {
        try {
            bind.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
