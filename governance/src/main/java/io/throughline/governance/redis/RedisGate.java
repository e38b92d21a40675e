package io.throughline.governance.redis;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactGate;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.rules.Outcome;
import io.throughline.governance.rules.PolicyRules;
import io.throughline.governance.rules.Rules;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The contact gate over Redis. The functions decide; what is here turns questions into calls,
 * follows a merged customer to the survivor, and repeats a question once it knows where the
 * customer is.
 *
 * <p>An opt-out or a silence is done when nothing that was allowed before it can still be handed
 * over: where something is under way, the {@code Uni} waits until it is settled or refunded, at
 * most for the patience. That is longer than a lease, within which whoever was allowed must have
 * begun: a lease given to this process counts from before the question was sent, by this process's
 * clock, the patience in Redis from when it was answered, by Redis's; so the lease ends first,
 * whatever the clocks say, and what is between the two is for a process that is held up between its
 * last look at the lease and its first byte.
 */
@ApplicationScoped
public class RedisGate implements ContactGate {

    private static final Logger LOG = Logger.getLogger(RedisGate.class);

    private static final String LEASE = "PT0.25S";
    private static final String PATIENCE = "PT1S";
    private static final String RETENTION = "P30D";

    private static final String RESERVE = "thl_reserve_why";
    private static final String PEEK = "thl_peek_why";

    /** More than any chain of merges; only contradicting merges make a circle. */
    private static final int MOST_HOPS = 32;

    /** How permissions are given: beside others, as all there are, or in the place of others. */
    private static final String JOINING = "0";

    private static final String COMPLETE = "1";
    private static final String REPLACING = "2";
    private static final long CHANGED = 1;

    /** Of the ledgers, while consents go on coming. */
    private static final int MOST_READINGS = 8;

    /** How often what is under way is looked at while somebody waits for its end. */
    private static final Duration LOOK = Duration.ofMillis(15);

    private final GateFunctions functions;
    private final Duration lease;
    private final Duration patience;
    private final Duration retention;
    private final InstantSource clock;
    private final boolean decidesTime;
    private volatile @Nullable PolicyRules<Plan> plans;

    /**
     * @param timeout how long Redis may take for a round trip
     * @param lease within which an allowed message must be handed over
     * @param patience how long an opt-out or a silence waits for what is under way; not less than
     *     the lease
     * @param retention how long a customer is kept that nothing happens to; one that is gone is
     *     hydrated again
     */
    @Inject
    RedisGate(
            io.vertx.mutiny.redis.client.Redis redis,
            Vertx vertx,
            @ConfigProperty(name = "quarkus.redis.client-type", defaultValue = "standalone")
                    RedisClientType type,
            @ConfigProperty(name = "throughline.gate.timeout", defaultValue = "PT1S")
                    Duration timeout,
            @ConfigProperty(name = "throughline.gate.lease", defaultValue = LEASE) Duration lease,
            @ConfigProperty(name = "throughline.gate.patience", defaultValue = PATIENCE)
                    Duration patience,
            @ConfigProperty(name = "throughline.gate.retention", defaultValue = RETENTION)
                    Duration retention) {
        this(
                new GateFunctions(
                        vertx,
                        Nodes.of(redis.getDelegate(), type == RedisClientType.CLUSTER),
                        timeout),
                new Times(lease, patience, retention),
                InstantSource.system(),
                false);
    }

    /**
     * @param lease within which an allowed message must be handed over
     * @param patience how long what is under way is waited for
     * @param retention how long a customer is kept that nothing happens to
     */
    record Times(Duration lease, Duration patience, Duration retention) {

        Times {
            if (patience.compareTo(lease) < 0) {
                throw new IllegalArgumentException(
                        "throughline.gate.patience is "
                                + patience
                                + ", shorter than throughline.gate.lease, "
                                + lease);
            }
        }
    }

    /**
     * @param decidesTime whether the clock's time is told to Redis instead of Redis's own being
     *     used
     */
    RedisGate(GateFunctions functions, Times times, InstantSource clock, boolean decidesTime) {
        this.functions = functions;
        this.lease = times.lease();
        this.patience = times.patience();
        this.retention = times.retention();
        this.clock = clock;
        this.decidesTime = decidesTime;
    }

    /**
     * A gate for a program without a container, otherwise with what the configuration would be by
     * default. Its functions are loaded at the first call that misses them.
     *
     * @param timeout how long Redis may take for a round trip
     */
    public static RedisGate over(Redis redis, Vertx vertx, Duration timeout) {
        return new RedisGate(
                new GateFunctions(vertx, Nodes.of(redis, false), timeout),
                new Times(
                        Duration.parse(LEASE), Duration.parse(PATIENCE), Duration.parse(RETENTION)),
                InstantSource.system(),
                false);
    }

    /** The one key under which Redis holds a customer; for operators and for measuring. */
    public static String keyOf(CustomerId customer) {
        return GateBytes.key(customer);
    }

    void loadFunctions(@Observes StartupEvent start) {
        functions
                .load()
                .onSuccess(loaded -> LOG.debug("gate functions loaded"))
                .onFailure(failure ->
                        LOG.warnf(
                                "gate functions not loaded, nothing is sent until Redis answers: %s",
                                failure.getMessage()));
    }

    /** What each server says of its memory, as {@code INFO memory} has it. */
    public Uni<List<String>> memory() {
        return GateFunctions.uni(() -> functions.info("memory"));
    }

    @Override
    public Uni<List<GateAnswer>> reserve(List<GateRequest> requests, ContactPolicy policy) {
        return new Round(requests, plansOf(policy), RESERVE).run();
    }

    @Override
    public Uni<List<GateAnswer>> peek(List<GateRequest> requests, ContactPolicy policy) {
        return new Round(requests, plansOf(policy), PEEK).run();
    }

    private PolicyRules<Plan> plansOf(ContactPolicy policy) {
        PolicyRules<Plan> current = plans;
        if (current == null || !current.areOf(policy)) {
            current = new PolicyRules<>(policy, this::plan);
            plans = current;
        }
        return current;
    }

    private Plan plan(Rules rules) {
        Duration ttl = rules.keep().compareTo(retention) > 0 ? rules.keep() : retention;
        return new Plan(rules, new Terms(rules, patience, ttl));
    }

    private String now() {
        return decidesTime ? Long.toString(clock.millis()) : "";
    }

    private String ttl() {
        return Long.toString(retention.toMillis());
    }

    private String patient() {
        return Long.toString(patience.toMillis());
    }

    /**
     * One message on its way to an answer.
     *
     * @param where where the customer is believed to be, to the byte as the gate holds it
     */
    private record Question(
            int index, GateRequest request, Plan plan, CustomerId customer, String where) {

        Question of(CustomerId survivor) {
            return new Question(index, request, plan, survivor, where);
        }

        Question in(String elsewhere) {
            return new Question(index, request, plan, customer, elsewhere);
        }
    }

    /** A batch of questions, asked again for those that were told to ask elsewhere. */
    private final class Round {

        private final String function;
        private final GateAnswer[] answers;
        private final List<ContactRef> toRefund = new ArrayList<>();
        private List<Question> open;

        Round(List<GateRequest> requests, PolicyRules<Plan> plans, String function) {
            this.function = function;
            this.answers = new GateAnswer[requests.size()];
            this.open = new ArrayList<>(requests.size());
            for (int i = 0; i < answers.length; i++) {
                GateRequest request = requests.get(i);
                open.add(
                        new Question(
                                i,
                                request,
                                plans.plan(request),
                                request.customer(),
                                Terms.NOWHERE));
            }
        }

        private boolean takes() {
            return function.equals(RESERVE);
        }

        Uni<List<GateAnswer>> run() {
            return GateFunctions.uni(() -> ask(0).compose(asked -> refunded()));
        }

        private Future<List<GateAnswer>> refunded() {
            return toRefund.isEmpty()
                    ? Future.succeededFuture(List.of(answers))
                    : Future.fromCompletionStage(refund(toRefund).subscribeAsCompletionStage())
                            .map(refunded -> List.of(answers));
        }

        private Future<Void> ask(int hops) {
            if (open.isEmpty()) {
                return Future.succeededFuture();
            }
            if (hops > MOST_HOPS) {
                return Future.failedFuture(circle(open.getFirst().customer()));
            }
            Instant asked = clock.instant();
            return functions
                    .exchange(calls(asked))
                    .compose(responses -> {
                        read(responses, asked);
                        return ask(hops + 1);
                    });
        }

        /**
         * The customer and the address are two keys, maybe on two servers, so they are two reads.
         * That keeps P1: a stop that was acknowledged was written to its key before, and each read
         * sees every write that was acknowledged before it. The function does not say whether the
         * message counted before; where that is asked the customer is read ahead of it.
         */
        private List<Request> calls(Instant asked) {
            List<Request> calls = new ArrayList<>(open.size() * 3);
            Instant now = decidesTime ? asked : null;
            for (Question question : open) {
                Plan plan = question.plan();
                GateRequest request = question.request();
                String key = GateBytes.key(question.customer());
                if (request.askedBefore()) {
                    calls.add(GateFunctions.get(key));
                }
                Request call =
                        takes()
                                ? GateFunctions.write(function, key)
                                : GateFunctions.read(function, key);
                calls.add(
                        call.arg(GateBytes.request(request, now))
                                .arg(plan.terms().at(question.where(), asked)));
                if (plan.rules().heedsOptOut()) {
                    calls.add(
                            GateFunctions.get(GateBytes.key(request.channel(), request.address())));
                }
            }
            return calls;
        }

        private void read(List<@Nullable Response> responses, Instant asked) {
            List<Question> again = new ArrayList<>();
            int at = 0;
            for (Question question : open) {
                GateRequest request = question.request();
                boolean counted =
                        request.askedBefore()
                                && Reply.counts(
                                        responses.get(at++),
                                        request.message(),
                                        asked.minus(question.plan().rules().horizon()));
                Answer answer = Answer.of(responses.get(at++));
                boolean stopped =
                        question.plan().rules().heedsOptOut()
                                && Reply.stopped(responses.get(at++), request.topic());
                switch (answer.code()) {
                    case Reply.MOVED -> again.add(question.of(answer.survivor()));
                    case Reply.ZONE -> again.add(question.in(answer.where()));
                    default -> answer(question, answer, stopped, counted, asked);
                }
            }
            open = again;
        }

        private void answer(
                Question question, Answer said, boolean stopped, boolean counted, Instant asked) {
            Outcome outcome = said.outcome(question.plan().rules(), question.request());
            GateAnswer answer =
                    question.plan()
                            .rules()
                            .answer(
                                    outcome,
                                    stopped,
                                    question.customer(),
                                    takes() ? asked.plus(lease) : asked);
            answers[question.index()] = counted ? answer.ofCounted() : answer;
            if (takes()
                    && answer instanceof GateAnswer.Denied denied
                    && denied.reason() == SuppressionReason.ADDRESS_OPTED_OUT
                    && outcome instanceof Outcome.Found found
                    && found.passes()
                    && said.fresh()) {
                toRefund.add(new ContactRef(question.customer(), question.request().message()));
            }
        }
    }

    @Override
    public Uni<Void> settle(List<ContactRef> contacts) {
        return write(contacts.stream().map(c -> ofMessage("thl_settle", c).with(now())).toList())
                .invoke(responses -> warnOfOverruns(contacts, responses))
                .replaceWithVoid();
    }

    private static void warnOfOverruns(List<ContactRef> contacts, List<Response> responses) {
        for (int i = 0; i < contacts.size(); i++) {
            if (Reply.number(responses.get(i)) == Reply.OVERRUN) {
                LOG.warnf(
                        "message %s of customer %s was settled after it had been refunded; it"
                                + " counts again, a cap may be exceeded by one",
                        contacts.get(i).message(), contacts.get(i).customer());
            }
        }
    }

    @Override
    public Uni<Void> refund(List<ContactRef> contacts) {
        return giveBack("thl_refund", contacts);
    }

    @Override
    public Uni<Void> takeBack(List<ContactRef> contacts) {
        return giveBack("thl_take_back", contacts);
    }

    /** One that was held up and is given up gives nothing back of what was counted since. */
    private Uni<Void> giveBack(String function, List<ContactRef> contacts) {
        return moments(contacts.stream().map(ContactRef::customer).distinct().toList())
                .chain(begun ->
                        write(
                                contacts.stream()
                                        .map(c -> giveBack(function, c, begun.get(c.customer())))
                                        .toList()))
                .replaceWithVoid();
    }

    private Write giveBack(String function, ContactRef contact, @Nullable Moment begun) {
        Write back = ofMessage(function, contact);
        return begun == null ? back : back.with(inTime(begun));
    }

    @Override
    public Uni<Void> putBack(List<ContactRef> contacts) {
        return write(contacts.stream().map(c -> ofMessage("thl_put_back", c)).toList())
                .invoke(responses -> warnOfOverruns(contacts, responses))
                .replaceWithVoid();
    }

    private Write ofMessage(String function, ContactRef contact) {
        return Write.to(
                contact.customer(),
                (key, moved) ->
                        GateFunctions.write(function, key)
                                .arg(ttl())
                                .arg(GateBytes.message(contact.message())));
    }

    @Override
    public Uni<Optional<Instant>> consent(List<ConsentWrite> consents) {
        return putConsents(consents)
                .call(put -> untilOver(put.left(), stopped(consents)))
                .map(ConsentsPut::outdone);
    }

    /**
     * What came of consents.
     *
     * @param left how long what was allowed before may still be under way
     * @param outdone when the latest opt-in was said that counts in the place of one of the
     *     opt-outs
     */
    record ConsentsPut(Duration left, Optional<Instant> outdone) {}

    Uni<ConsentsPut> putConsents(List<ConsentWrite> consents) {
        List<Write> writes = new ArrayList<>();
        for (ConsentWrite consent : consents) {
            byte[] said = GateBytes.consents(List.of(consent));
            if (consent.address() != null) {
                writes.add(address(consent.channel(), consent.address(), said));
            }
            if (consent.customer() != null) {
                writes.add(
                        Write.to(
                                consent.customer(),
                                (key, moved) ->
                                        GateFunctions.write("thl_consent", key)
                                                .arg(now())
                                                .arg(ttl())
                                                .arg(said)
                                                .arg(patient())));
            }
        }
        return written(writes)
                .map(written -> new ConsentsPut(written.timeLeft(), written.outdone()));
    }

    private Write address(Channel channel, String address, byte[] said) {
        return new Write(
                null,
                false,
                (key, moved) ->
                        GateFunctions.write("thl_address", GateBytes.key(channel, address))
                                .arg(ttl())
                                .arg(said));
    }

    @Override
    public Uni<Void> silence(List<SilenceWrite> silences) {
        return putSilences(silences)
                .chain(left ->
                        untilOver(
                                left,
                                silences.stream().map(s -> running(s.customer(), null)).toList()));
    }

    /**
     * @return how long what was allowed before may still be under way
     */
    Uni<Duration> putSilences(List<SilenceWrite> silences) {
        return written(silences.stream().map(this::silence).toList()).map(Written::timeLeft);
    }

    private Write silence(SilenceWrite silence) {
        return Write.to(
                silence.customer(),
                (key, moved) ->
                        GateFunctions.write("thl_hush", key)
                                .arg(now())
                                .arg(ttl())
                                .arg(GateBytes.silences(List.of(silence)))
                                .arg(patient()));
    }

    /** The questions whether what these opt-outs end is still under way. */
    private List<Write> stopped(List<ConsentWrite> consents) {
        List<Write> questions = new ArrayList<>();
        for (ConsentWrite consent : consents) {
            if (consent.customer() != null && consent.state() == ConsentState.OPTED_OUT) {
                questions.add(running(consent.customer(), consent.channel()));
            }
        }
        return questions;
    }

    private Write running(CustomerId customer, @Nullable Channel channel) {
        return Write.to(
                customer,
                (key, moved) ->
                        GateFunctions.read("thl_running", key)
                                .arg(now())
                                .arg(GateBytes.channel(channel))
                                .arg(patient()));
    }

    /**
     * Waits until nothing is under way any more. What begins meanwhile was allowed in spite of what
     * is now in force, and is not waited for any longer than what was there.
     */
    private Uni<Void> untilOver(Duration left, List<Write> questions) {
        if (!left.isPositive()) {
            return Uni.createFrom().voidItem();
        }
        Duration most = left.compareTo(patience) < 0 ? left : patience;
        Duration pause = most.compareTo(LOOK) < 0 ? most : LOOK;
        return functions
                .pause(pause)
                .chain(() -> written(questions))
                .chain(answers -> {
                    Duration rest = most.minus(pause);
                    Duration said = answers.timeLeft();
                    return untilOver(said.compareTo(rest) < 0 ? said : rest, questions);
                });
    }

    @Override
    public Uni<Void> whereabouts(CustomerId customer, Whereabouts where) {
        return write(
                        List.of(
                                Write.to(
                                        customer,
                                        (key, moved) ->
                                                GateFunctions.write("thl_zone", key)
                                                        .arg(ttl())
                                                        .arg(where.text()))))
                .replaceWithVoid();
    }

    @Override
    public Uni<Void> engaged(List<Engagement> engagements) {
        return write(engagements.stream().map(e -> engaged(e.customer(), millis(e.at()))).toList())
                .replaceWithVoid();
    }

    private Write engaged(CustomerId customer, String at) {
        return Write.to(
                customer,
                (key, moved) -> GateFunctions.write("thl_engaged", key).arg(ttl()).arg(at));
    }

    private static String millis(@Nullable Instant at) {
        return at == null ? "0" : Long.toString(Math.max(0, at.toEpochMilli()));
    }

    @Override
    public Uni<Void> merge(CustomerId survivor, CustomerId merged) {
        return root(survivor, 0)
                .chain(into ->
                        into.equals(merged)
                                ? Uni.createFrom().voidItem()
                                : freezeAndAbsorb(into, merged));
    }

    private Uni<Void> freezeAndAbsorb(CustomerId into, CustomerId merged) {
        return functions
                .call(
                        List.of(
                                GateFunctions.write("thl_freeze", GateBytes.key(merged))
                                        .arg(ttl())
                                        .arg(GateBytes.id(into))))
                .chain(responses -> {
                    CustomerId leads = Reply.survivor(responses.getFirst());
                    byte[] was = responses.getFirst().get(2).toBytes();
                    return was.length == 0
                            ? Uni.createFrom().voidItem()
                            : joinElsewhere(into, leads)
                                    .chain(() -> absorbAndAlias(into, merged, was, 0));
                });
    }

    /** Where the merged customer led to another already, those two are one as well. */
    private Uni<Void> joinElsewhere(CustomerId into, CustomerId leads) {
        return leads.equals(into)
                ? Uni.createFrom().voidItem()
                : root(leads, 0)
                        .chain(other ->
                                other.equals(into)
                                        ? Uni.createFrom().voidItem()
                                        : freezeAndAbsorb(into, other));
    }

    private Uni<Void> absorbAndAlias(CustomerId into, CustomerId merged, byte[] was, int attempts) {
        if (attempts > MOST_HOPS) {
            return Uni.createFrom().failure(circle(merged));
        }
        return write(List.of(absorb(into, was)))
                .chain(() ->
                        functions.call(
                                List.of(
                                        GateFunctions.write("thl_alias", GateBytes.key(merged))
                                                .arg(ttl())
                                                .arg(was)
                                                .arg(GateBytes.id(into)))))
                .chain(responses -> {
                    byte[] changed = responses.getFirst().get(1).toBytes();
                    return changed.length == 0
                            ? Uni.createFrom().voidItem()
                            : absorbAndAlias(into, merged, changed, attempts + 1);
                });
    }

    private Write absorb(CustomerId into, byte[] was) {
        return Write.to(
                into, (key, moved) -> GateFunctions.write("thl_absorb", key).arg(ttl()).arg(was));
    }

    /** Whom a customer is counted as, whether its merge was finished or not. */
    private Uni<CustomerId> root(CustomerId customer, int hops) {
        if (hops > MOST_HOPS) {
            return Uni.createFrom().failure(circle(customer));
        }
        return functions
                .call(List.of(GateFunctions.read("thl_leads", GateBytes.key(customer))))
                .chain(responses ->
                        Reply.code(responses.getFirst()) == Reply.MOVED
                                ? root(Reply.survivor(responses.getFirst()), hops + 1)
                                : Uni.createFrom().item(customer));
    }

    @Override
    public Uni<Void> split(CustomerId from, CustomerId to) {
        return write(List.of(Write.to(from, (key, moved) -> GateFunctions.read("thl_copy", key))))
                .chain(responses ->
                        write(List.of(absorb(to, responses.getFirst().get(1).toBytes()))))
                .replaceWithVoid();
    }

    @Override
    public Uni<Void> restate(
            Set<CustomerId> customers,
            Function<Set<CustomerId>, Uni<List<CustomerHistory.Permissions>>> ledgers) {
        return restate(customers, ledgers, MOST_READINGS);
    }

    private Uni<Void> restate(
            Set<CustomerId> customers,
            Function<Set<CustomerId>, Uni<List<CustomerHistory.Permissions>>> ledgers,
            int readings) {
        if (customers.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        if (readings == 0) {
            return Uni.createFrom()
                    .failure(
                            new IllegalStateException(
                                    "what customers agree to changes faster than it can be stated"));
        }
        return standings(List.copyOf(customers))
                .chain(before -> ledgers.apply(customers).chain(stated -> replace(stated, before)))
                .chain(changed -> restate(changed, ledgers, readings - 1));
    }

    /** Answers whose consents were others by then. */
    private Uni<Set<CustomerId>> replace(
            List<CustomerHistory.Permissions> stated, Map<CustomerId, Standing> before) {
        List<Write> writes = new ArrayList<>();
        Map<Integer, CustomerId> last = new HashMap<>();
        for (CustomerHistory.Permissions one : stated) {
            writes.addAll(permissions(one, REPLACING));
            Standing standing = before.get(one.customer());
            if (standing != null) {
                writes.add(
                        writes.removeLast()
                                .with(inTime(standing.begun()))
                                .with(standing.consents().toBytes()));
                last.put(writes.size() - 1, one.customer());
            }
        }
        return write(writes)
                .map(answers ->
                        last.entrySet().stream()
                                .filter(e -> Reply.number(answers.get(e.getKey())) == CHANGED)
                                .map(Map.Entry::getValue)
                                .collect(Collectors.toSet()));
    }

    /**
     * What was agreed to before the ledgers were read.
     *
     * @param consents as they are kept
     */
    private record Standing(Moment begun, Response consents) {}

    private Uni<Map<CustomerId, Standing>> standings(List<CustomerId> customers) {
        return write(
                        customers.stream()
                                .map(c ->
                                        Write.to(
                                                c,
                                                (key, moved) ->
                                                        GateFunctions.read("thl_stands", key)))
                                .toList())
                .map(answers -> {
                    Map<CustomerId, Standing> standings = new HashMap<>();
                    for (int i = 0; i < answers.size(); i++) {
                        Response said = answers.get(i);
                        standings.put(customers.get(i), new Standing(moment(said), said.get(3)));
                    }
                    return standings;
                });
    }

    private static Moment moment(Response said) {
        return new Moment(Reply.number(said), Reply.number(said, 2));
    }

    @Override
    public Uni<Void> hydrate(
            Set<CustomerId> customers, Supplier<Uni<List<CustomerHistory>>> ledger) {
        List<CustomerId> asked = List.copyOf(customers);
        return moments(asked)
                .chain(begun -> ledger.get().chain(histories -> hydrate(histories, begun)));
    }

    /**
     * Where and when a customer is answered for.
     *
     * @param millis by the server's clock
     */
    private record Moment(long epoch, long millis) {}

    private Uni<Map<CustomerId, Moment>> moments(List<CustomerId> customers) {
        return write(
                        customers.stream()
                                .map(c ->
                                        Write.to(
                                                c,
                                                (key, moved) ->
                                                        GateFunctions.read("thl_epoch", key)))
                                .toList())
                .map(answers -> {
                    Map<CustomerId, Moment> moments = new HashMap<>();
                    for (int i = 0; i < answers.size(); i++) {
                        moments.put(customers.get(i), moment(answers.get(i)));
                    }
                    return moments;
                });
    }

    /**
     * Until when, by the server's clock, a call may take effect whose caller will have given it up
     * by then.
     */
    private String inTime(Moment begun) {
        return Long.toString(begun.millis() + functions.timeout().toMillis());
    }

    @Override
    public Uni<Void> hydrate(List<CustomerHistory> histories) {
        return hydrate(histories, Map.of());
    }

    /**
     * @param begun when contacts began to be read; absent for those that nothing is added to
     *     meanwhile
     */
    private Uni<Void> hydrate(List<CustomerHistory> histories, Map<CustomerId, Moment> begun) {
        List<Uni<Void>> merges = new ArrayList<>();
        List<Write> permissions = new ArrayList<>();
        List<Write> contacts = new ArrayList<>();
        for (CustomerHistory history : histories) {
            switch (history) {
                case CustomerHistory.Permissions p -> {
                    p.merged().forEach(m -> merges.add(mergeUnlessAlias(p.customer(), m)));
                    permissions.addAll(permissions(p, COMPLETE));
                }
                case CustomerHistory.Contacts c ->
                        contacts.add(contacts(c, begun.get(c.customer())));
            }
        }
        Uni<Void> done = Uni.createFrom().voidItem();
        for (Uni<Void> merge : merges) {
            done = done.chain(() -> merge);
        }
        return done.chain(() -> write(permissions)).chain(() -> write(contacts)).replaceWithVoid();
    }

    @Override
    public Uni<Void> forget(
            Set<CustomerId> customers, Supplier<Uni<Map<CustomerId, Set<MessageId>>>> messages) {
        List<CustomerId> asked = List.copyOf(customers);
        return apart(asked)
                .chain(this::moments)
                .chain(begun -> messages.get().chain(told -> write(forgetting(told, begun))))
                .replaceWithVoid();
    }

    /** Those who are one neither with somebody else nor with another of these. */
    private Uni<List<CustomerId>> apart(List<CustomerId> customers) {
        if (customers.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return Uni.join()
                .all(customers.stream().map(customer -> root(customer, 0)).toList())
                .andFailFast()
                .map(roots ->
                        customers.stream()
                                .filter(customer -> Collections.frequency(roots, customer) == 1)
                                .filter(customer ->
                                        roots.get(customers.indexOf(customer)).equals(customer))
                                .toList());
    }

    private List<Write> forgetting(
            Map<CustomerId, Set<MessageId>> messages, Map<CustomerId, Moment> begun) {
        List<Write> writes = new ArrayList<>();
        messages.forEach((customer, theirs) -> {
            Moment asked = begun.get(customer);
            if (asked != null && !theirs.isEmpty()) {
                writes.add(
                        Write.to(
                                customer,
                                (key, moved) ->
                                        GateFunctions.write("thl_forget", key)
                                                .arg(ttl())
                                                .arg(GateBytes.messages(theirs))
                                                .arg(Long.toString(asked.millis()))));
            }
        });
        return writes;
    }

    /** Unlike a merge it leaves an alias that is there already as it is. */
    private Uni<Void> mergeUnlessAlias(CustomerId customer, CustomerId merged) {
        return Uni.combine()
                .all()
                .unis(root(customer, 0), finishedRoot(merged, 0))
                .asTuple()
                .chain(roots ->
                        roots.getItem1().equals(roots.getItem2())
                                ? Uni.createFrom().voidItem()
                                : merge(customer, merged));
    }

    /** As {@link #root}, but a customer whose merge was not finished is still its own. */
    private Uni<CustomerId> finishedRoot(CustomerId customer, int hops) {
        if (hops > MOST_HOPS) {
            return Uni.createFrom().failure(circle(customer));
        }
        return functions
                .call(List.of(GateFunctions.read("thl_leads", GateBytes.key(customer))))
                .chain(responses -> {
                    Response leads = responses.getFirst();
                    boolean alias = Reply.code(leads) == Reply.MOVED && Reply.number(leads, 2) == 0;
                    return alias
                            ? finishedRoot(Reply.survivor(leads), hops + 1)
                            : Uni.createFrom().item(customer);
                });
    }

    private List<Write> permissions(CustomerHistory.Permissions history, String how) {
        List<Write> writes = new ArrayList<>();
        String where = history.where().text();
        byte[] consents =
                GateBytes.consents(
                        history.consents().stream().filter(c -> c.customer() != null).toList());
        byte[] silences = GateBytes.silences(history.silences());
        String engagedAt = millis(history.engagedAt());
        for (ConsentWrite consent : history.consents()) {
            if (consent.address() != null) {
                writes.add(
                        address(
                                consent.channel(),
                                consent.address(),
                                GateBytes.consents(List.of(consent))));
            }
        }
        // Last, so that the customer is not answered for before the addresses are.
        writes.add(
                Write.to(
                        history.customer(),
                        (key, moved) ->
                                GateFunctions.write("thl_permit", key)
                                        .arg(ttl())
                                        .arg(where)
                                        .arg(consents)
                                        .arg(silences)
                                        .arg(moved ? JOINING : how)
                                        .arg(engagedAt)));
        return writes;
    }

    private Write contacts(CustomerHistory.Contacts history, @Nullable Moment begun) {
        String epoch = begun == null ? "" : Long.toString(begun.epoch());
        byte[] contacts = GateBytes.contacts(history.contacts());
        String since = millis(history.since());
        return Write.to(
                history.customer(),
                (key, moved) ->
                        GateFunctions.write("thl_told", key)
                                .arg(ttl())
                                .arg(since)
                                .arg(contacts)
                                .arg(epoch));
    }

    /**
     * What an erased customer had under way is not told apart any more, so this waits for as long
     * as it may take.
     */
    @Override
    public Uni<Void> erase(List<CustomerId> customers) {
        return putErasures(customers)
                .chain(left ->
                        left.isPositive()
                                ? functions.pause(left.compareTo(patience) < 0 ? left : patience)
                                : Uni.createFrom().voidItem());
    }

    /**
     * @return how long what was allowed before may still be under way
     */
    Uni<Duration> putErasures(List<CustomerId> customers) {
        return functions
                .call(
                        customers.stream()
                                .map(c ->
                                        GateFunctions.write("thl_erase", GateBytes.key(c))
                                                .arg(now())
                                                .arg(ttl())
                                                .arg(patient()))
                                .toList())
                .map(answers -> new Written(answers, answers).timeLeft());
    }

    @Override
    public Uni<List<Boolean>> known(List<CustomerId> customers) {
        return write(
                        customers.stream()
                                .map(c ->
                                        Write.to(
                                                c,
                                                (key, moved) ->
                                                        GateFunctions.read("thl_known", key)))
                                .toList())
                .map(RedisGate::truths);
    }

    @Override
    public Uni<List<Boolean>> addressOptedOut(Channel channel, List<String> addresses) {
        List<Request> reads =
                addresses.stream().map(a -> GateFunctions.get(GateBytes.key(channel, a))).toList();
        return GateFunctions.uni(() -> functions.exchange(reads))
                .map(said -> said.stream().map(s -> Reply.stopped(s, null)).toList());
    }

    private static List<Boolean> truths(List<Response> responses) {
        return responses.stream().map(r -> Reply.number(r) == 1).toList();
    }

    /** Builds the same call for whichever key the customer turns out to be under. */
    private interface Call {
        Request at(String key, boolean moved);
    }

    /**
     * One call that goes to a customer, wherever that is.
     *
     * @param customer absent for a call that knows its key
     */
    private record Write(@Nullable CustomerId customer, boolean moved, Call call) {

        static Write to(CustomerId customer, Call call) {
            return new Write(customer, false, call);
        }

        Request request() {
            return call.at(customer == null ? "" : GateBytes.key(customer), moved);
        }

        Write with(String last) {
            return new Write(customer, moved, (key, away) -> call.at(key, away).arg(last));
        }

        Write with(byte[] last) {
            return new Write(customer, moved, (key, away) -> call.at(key, away).arg(last));
        }

        Write movedTo(CustomerId survivor) {
            return new Write(survivor, true, call);
        }
    }

    /**
     * What came of writes.
     *
     * @param answers in the order of the writes
     * @param heard those, and what customers said who led on to others
     */
    private record Written(List<Response> answers, List<Response> heard) {

        /**
         * The longest that any customer asked on the way said; for calls that answer with times.
         */
        Duration timeLeft() {
            return Duration.ofMillis(heard.stream().mapToLong(Reply::millis).max().orElse(0));
        }

        /** For calls that answer with it: when the latest opt-in was said that still counts. */
        Optional<Instant> outdone() {
            long latest = answers.stream().mapToLong(Reply::outdone).max().orElse(0);
            return latest == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(latest));
        }
    }

    private Uni<List<Response>> write(List<Write> writes) {
        return written(writes).map(Written::answers);
    }

    /** Makes all the calls in one round trip, and a further one for those that moved. */
    private Uni<Written> written(List<Write> writes) {
        return new Writing(writes).run();
    }

    private final class Writing {

        private final List<Write> writes;
        private final Response[] answers;
        private final List<Response> heard = new ArrayList<>();
        private List<Integer> open = new ArrayList<>();

        Writing(List<Write> writes) {
            this.writes = new ArrayList<>(writes);
            this.answers = new Response[writes.size()];
            for (int i = 0; i < answers.length; i++) {
                open.add(i);
            }
        }

        Uni<Written> run() {
            return go(0).replaceWith(() -> new Written(Arrays.asList(answers), heard));
        }

        private Uni<Void> go(int hops) {
            if (open.isEmpty()) {
                return Uni.createFrom().voidItem();
            }
            if (hops > MOST_HOPS) {
                return Uni.createFrom().failure(circle(writes.get(open.getFirst()).customer()));
            }
            return functions
                    .call(open.stream().map(i -> writes.get(i).request()).toList())
                    .invoke(this::read)
                    .chain(() -> go(hops + 1));
        }

        private void read(List<Response> responses) {
            List<Integer> again = new ArrayList<>();
            for (int i = 0; i < responses.size(); i++) {
                int index = open.get(i);
                Response response = responses.get(i);
                if (Reply.code(response) == Reply.LATE) {
                    throw new IllegalStateException("too late to give anything back");
                }
                heard.add(response);
                if (Reply.code(response) == Reply.MOVED) {
                    writes.set(index, writes.get(index).movedTo(Reply.survivor(response)));
                    again.add(index);
                } else {
                    answers[index] = response;
                }
            }
            open = again;
        }
    }

    private static IllegalStateException circle(@Nullable CustomerId customer) {
        return new IllegalStateException(
                "customer " + customer + " is merged in a circle; hydrate it anew");
    }
}
