package io.throughline.identity.registry;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.GateCheck;
import io.throughline.identity.store.ConcurrentChange;
import io.throughline.identity.store.GateWorkStore;
import io.throughline.identity.store.GateWorkStore.Difference;
import io.throughline.identity.store.GateWorkStore.Done;
import io.throughline.identity.store.GateWorkStore.GateWork;
import io.throughline.identity.store.GateWorkStore.Kind;
import io.throughline.identity.store.GateWorkStore.Phase;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the gate anew from the ledgers (promise P7), and asks it whether it answers as they say.
 * Nothing is taken out of the gate first, so everybody it knew stays answered for meanwhile;
 * whoever it does not know is hydrated on demand as ever.
 */
@ApplicationScoped
public class GateRebuilding {

    private static final Logger LOG = Logger.getLogger(GateRebuilding.class);
    private static final long EVERY_MILLIS = 500;
    private static final Duration CLAIMED = Duration.ofSeconds(60);

    /** Of a part; what is said to these customers waits until it is through. */
    private static final int CUSTOMERS_AT_ONCE = 500;

    /** Of a step, so that identity, channel, their databases and the gate all have work. */
    private static final int PARTS = 4;

    private static final int ADDRESSES_AT_ONCE = 500;

    /** Nothing but consents and silences is in the way of a message. */
    private static final ContactPolicy BARE =
            new ContactPolicy(
                    0, List.of(), null, null, "UTC", Map.of(), Set.of(Channel.values()), List.of());

    private final GateWorkStore work;
    private final Means means;
    private final Ledgers ledgers;
    private final ContactGate gate;
    private final LongWork<GateWork> going;

    /** Clock, dice, timers, transactions. */
    @ApplicationScoped
    static class Means {

        private final Transactions transactions;
        private final InstantSource clock;
        private final RandomGenerator random;
        private final Vertx vertx;

        Means(Transactions transactions, InstantSource clock, RandomGenerator random, Vertx vertx) {
            this.transactions = transactions;
            this.clock = clock;
            this.random = random;
            this.vertx = vertx;
        }

        <T> Uni<T> inTransaction(Function<SqlConnection, Uni<T>> work) {
            return transactions.inTransaction(work);
        }

        Instant now() {
            return clock.instant();
        }

        UUID id() {
            return Ids.timeOrdered(clock.instant(), random);
        }

        void every(long millis, Runnable what) {
            vertx.setPeriodic(millis, timer -> what.run());
        }
    }

    GateRebuilding(GateWorkStore work, Means means, Ledgers ledgers, ContactGate gate) {
        this.work = work;
        this.means = means;
        this.ledgers = ledgers;
        this.gate = gate;
        this.going =
                new LongWork<>(
                        LOG,
                        "the gate's rebuilding",
                        GateWork::id,
                        () -> work.claim(means.now(), means.now().plus(CLAIMED)),
                        this::step,
                        claimed -> work.release(claimed.id()));
    }

    void start(@Observes StartupEvent event) {
        means.every(EVERY_MILLIS, going::goOn);
    }

    /** Begins; a rebuild is verified when it is through. */
    public Uni<GateWork> begin(Kind kind, String by) {
        UUID id = means.id();
        return work.begin(id, kind, means.now(), by)
                .chain(() -> work.find(id))
                .map(Optional::orElseThrow)
                .invoke(going::goOn);
    }

    public Uni<Optional<GateWork>> find(UUID id) {
        return work.find(id);
    }

    public Uni<List<Difference>> differences(UUID id) {
        return work.differences(id);
    }

    private Uni<Optional<GateWork>> step(GateWork now) {
        return switch (now.phase()) {
            case WRITING_CUSTOMERS ->
                    work.customers(now.position(), PARTS * CUSTOMERS_AT_ONCE)
                            .chain(ids -> ids.isEmpty() ? nextPhase(now) : write(now, ids));
            case WRITING_ADDRESSES ->
                    work.addresses(now.position(), ADDRESSES_AT_ONCE)
                            .chain(said ->
                                    said.isEmpty() ? nextPhase(now) : writeAddresses(now, said));
            case VERIFYING_CUSTOMERS ->
                    work.customers(now.position(), PARTS * CUSTOMERS_AT_ONCE)
                            .chain(ids -> ids.isEmpty() ? nextPhase(now) : verify(now, ids));
            case VERIFYING_ADDRESSES ->
                    work.addresses(now.position(), ADDRESSES_AT_ONCE)
                            .chain(said ->
                                    said.isEmpty() ? nextPhase(now) : verifyAddresses(now, said));
            case DONE -> Uni.createFrom().item(Optional.empty());
        };
    }

    private Uni<Optional<GateWork>> nextPhase(GateWork now) {
        Phase next = now.phase().next();
        GateWork then = now.at(next, List.of(), 0);
        return means.inTransaction(tx -> advance(tx, then, new Done(0, 0, 0, 0, List.of())))
                .replaceWith(next == Phase.DONE ? Optional.empty() : Optional.of(then));
    }

    private Uni<Optional<GateWork>> write(GateWork now, List<CustomerId> ids) {
        GateWork then = now.at(now.phase(), List.of(ids.getLast().toString()), 0);
        return inParts(ids, this::write)
                .chain(() ->
                        means.inTransaction(
                                tx -> advance(tx, then, new Done(ids.size(), 0, 0, 0, List.of()))))
                .replaceWith(Optional.of(then));
    }

    /**
     * Exactly what our ledger says, and then what the channel service knows besides, which ends
     * with the contacts: with them the gate begins to answer.
     */
    private Uni<Void> write(List<CustomerId> ids) {
        Map<CustomerId, Set<CustomerId>> idsOf = new ConcurrentHashMap<>();
        return means.inTransaction(tx ->
                        gate.restate(
                                        Set.copyOf(ids),
                                        asked ->
                                                ledgers.permissions(tx, asked)
                                                        .invoke(of ->
                                                                idsOf.putAll(Ledgers.idsOf(of)))
                                                        .call(this::merged))
                                .onFailure(failure -> !(failure instanceof SurroundingsFault))
                                .transform(GateRebuilding::unanswered))
                .chain(() -> ledgers.hydrate(ids, idsOf));
    }

    /** Stating leaves aliases alone. */
    private Uni<Void> merged(List<CustomerHistory.Permissions> stated) {
        List<CustomerHistory> survivors =
                stated.stream()
                        .filter(one -> !one.merged().isEmpty())
                        .<CustomerHistory>map(one -> one)
                        .toList();
        return survivors.isEmpty() ? Uni.createFrom().voidItem() : gate.hydrate(survivors);
    }

    /** All parts at the same time. */
    private static <T> Uni<List<T>> inParts(
            List<CustomerId> ids, Function<List<CustomerId>, Uni<T>> work) {
        List<Uni<T>> parts = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += CUSTOMERS_AT_ONCE) {
            parts.add(
                    work.apply(ids.subList(from, Math.min(ids.size(), from + CUSTOMERS_AT_ONCE))));
        }
        return Uni.join().all(parts).andFailFast();
    }

    private Uni<Optional<GateWork>> writeAddresses(GateWork now, List<ConsentWrite> said) {
        GateWork then = now.at(now.phase(), position(said.getLast()), 0);
        return answered(gate.consent(said))
                .chain(() ->
                        means.inTransaction(
                                tx -> advance(tx, then, new Done(0, said.size(), 0, 0, List.of()))))
                .replaceWith(Optional.of(then));
    }

    /** Under the customers' locks, so that nothing can be said between reading and asking. */
    private Uni<Optional<GateWork>> verify(GateWork now, List<CustomerId> ids) {
        return inParts(ids, this::verify)
                .chain(parts -> verified(now, ids, parts.stream().flatMap(List::stream).toList()))
                .onFailure(ConcurrentChange.class)
                .recoverWithItem(Optional.of(now));
    }

    private Uni<List<Difference>> verify(List<CustomerId> ids) {
        return means.inTransaction(tx -> ledgers.permissions(tx, ids).chain(this::differences));
    }

    /**
     * Nobody is sent anything before she is hydrated: that the gate does not know is no
     * contradiction.
     */
    private Uni<Optional<GateWork>> verified(
            GateWork now, List<CustomerId> ids, List<Difference> all) {
        long unknown =
                all.stream()
                        .filter(GateRebuilding::isUnknown)
                        .map(Difference::customer)
                        .distinct()
                        .count();
        List<Difference> found = all.stream().filter(d -> !isUnknown(d)).toList();
        GateWork then =
                now.at(now.phase(), List.of(ids.getLast().toString()), found.size(), unknown);
        Done done = new Done(0, 0, ids.size(), unknown, found);
        return means.inTransaction(tx -> advance(tx, then, done)).replaceWith(Optional.of(then));
    }

    private static boolean isUnknown(Difference difference) {
        return difference.gate().equals(SuppressionReason.UNKNOWN_CUSTOMER.word());
    }

    private Uni<Optional<GateWork>> verifyAddresses(GateWork now, List<ConsentWrite> said) {
        return Uni.join()
                .all(
                        Arrays.stream(Channel.values())
                                .map(channel -> differences(channel, said))
                                .toList())
                .andFailFast()
                .chain(lists -> {
                    List<Difference> found =
                            lists.stream()
                                    .flatMap(List::stream)
                                    .filter(d -> !(now.unknown() > 0 && isMissing(d)))
                                    .toList();
                    GateWork then = now.at(now.phase(), position(said.getLast()), found.size());
                    return means.inTransaction(tx -> advance(tx, then, new Done(0, 0, 0, 0, found)))
                            .replaceWith(Optional.of(then));
                });
    }

    /** A gate that does not know everybody yet gets stops of addresses with whoever has them. */
    private static boolean isMissing(Difference difference) {
        return difference.ledger().equals(ConsentState.OPTED_OUT.word());
    }

    private Uni<Void> advance(SqlConnection tx, GateWork then, Done done) {
        Instant now = means.now();
        return work.advance(
                tx, then, done, now.plus(CLAIMED), then.phase() == Phase.DONE ? now : null);
    }

    /** The stop of a whole channel; what addresses say of topics is asked for with the customer. */
    private Uni<List<Difference>> differences(Channel channel, List<ConsentWrite> said) {
        List<ConsentWrite> whole =
                said.stream()
                        .filter(c ->
                                c.channel() == channel && c.topic() == null && c.address() != null)
                        .toList();
        List<String> addresses =
                whole.stream().map(c -> Objects.requireNonNull(c.address())).toList();
        return whole.isEmpty()
                ? Uni.createFrom().item(List.of())
                : answered(gate.addressOptedOut(channel, addresses))
                        .map(stopped -> {
                            List<Difference> found = new ArrayList<>();
                            for (int i = 0; i < whole.size(); i++) {
                                boolean out = whole.get(i).state() == ConsentState.OPTED_OUT;
                                if (out != stopped.get(i)) {
                                    found.add(
                                            new Difference(
                                                    null,
                                                    channel.word() + " address",
                                                    whole.get(i).state().word(),
                                                    stopped.get(i) ? "opted_out" : "opted_in"));
                                }
                            }
                            return found;
                        });
    }

    private Uni<List<Difference>> differences(List<CustomerHistory.Permissions> stated) {
        List<Asked> asked = new ArrayList<>();
        stated.forEach(one -> asked.addAll(questions(one)));
        return asked.isEmpty()
                ? Uni.createFrom().item(List.of())
                : answered(gate.peek(asked.stream().map(Asked::request).toList(), BARE))
                        .map(answers -> {
                            List<Difference> found = new ArrayList<>();
                            for (int i = 0; i < answers.size(); i++) {
                                String said = word(answers.get(i));
                                if (!said.equals(asked.get(i).expected())) {
                                    found.add(
                                            new Difference(
                                                    asked.get(i).request().customer(),
                                                    asked.get(i).about(),
                                                    asked.get(i).expected(),
                                                    said));
                                }
                            }
                            return found;
                        });
    }

    /** What the gate is asked, and what it has to answer. */
    private record Asked(GateRequest request, String about, String expected) {}

    private List<Asked> questions(CustomerHistory.Permissions of) {
        Map<About, ConsentState> said = new HashMap<>();
        of.consents().stream()
                .filter(c -> c.customer() != null)
                .forEach(c -> said.put(new About(c.channel(), c.topic()), c.state()));
        List<Asked> asked = new ArrayList<>();
        for (GateCheck.Question question : GateCheck.of(said)) {
            About about = question.about();
            String topic = about.topic() == null ? "" : "/" + about.topic();
            asked.add(
                    new Asked(
                            request(of.customer(), about, null),
                            about.channel().word() + topic,
                            word(question.expected())));
        }
        asked.addAll(silences(of, said));
        return asked;
    }

    /** On a channel that nothing else is in the way of, if there is one. */
    private List<Asked> silences(CustomerHistory.Permissions of, Map<About, ConsentState> said) {
        Optional<About> open =
                GateCheck.of(said).stream()
                        .filter(q -> q.expected() == null)
                        .map(GateCheck.Question::about)
                        .findFirst();
        List<Asked> asked = new ArrayList<>();
        // A silence that ends while it is asked about is no difference.
        Instant soon = means.now().plusSeconds(10);
        for (SilenceWrite silence : of.silences()) {
            if (open.isPresent()
                    && silence.until().isAfter(soon)
                    && !silence.lifted()
                    && (silence.categories().isEmpty()
                            || silence.categories().contains(Category.MARKETING))) {
                String journey = silence.journey() == null ? "any" : silence.journey();
                asked.add(
                        new Asked(
                                request(of.customer(), open.get(), journey),
                                "silence of " + journey,
                                word(SuppressionReason.SILENCED)));
            }
        }
        return asked;
    }

    private GateRequest request(CustomerId customer, About about, @Nullable String journey) {
        return new GateRequest(
                customer,
                new MessageId(means.id()),
                about.channel(),
                Category.MARKETING,
                about.topic(),
                journey,
                "");
    }

    private static String word(GateAnswer answer) {
        return switch (answer) {
            case GateAnswer.Allowed allowed -> "allowed";
            case GateAnswer.Denied denied -> word(denied.reason());
        };
    }

    private static String word(@Nullable SuppressionReason reason) {
        return reason == null ? "allowed" : reason.word();
    }

    private static List<String> position(ConsentWrite last) {
        String topic = last.topic();
        return List.of(
                Objects.requireNonNull(last.address()),
                last.channel().word(),
                topic == null ? "" : topic);
    }

    private static <T> Uni<T> answered(Uni<T> asked) {
        return asked.onFailure().transform(GateRebuilding::unanswered);
    }

    private static SurroundingsFault unanswered(Throwable failure) {
        return new SurroundingsFault("the gate did not answer", failure);
    }
}
