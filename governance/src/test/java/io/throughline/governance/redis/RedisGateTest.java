package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Each;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateAnswer.Allowed;
import io.throughline.governance.GateAnswer.Denied;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.rules.Rules;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The gate in Redis")
class RedisGateTest {

    private static final Instant T0 = Instant.parse("2026-06-01T12:00:00Z");
    private static final ContactPolicy THREE_A_DAY =
            policy(null, new Cap(Scope.GLOBAL, null, 3, Duration.ofDays(1)));
    private static final ContactPolicy FREE = policy(null);

    private static RedisProcess redis;

    private final Random random = new Random();
    private Instant now = T0;
    private final InstantSource clock = () -> now;
    private final CustomerId ana = customer();

    @BeforeAll
    static void start() {
        redis = new RedisProcess();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Test
    @DisplayName("lets exactly the cap through to many clients at once")
    void capUnderConcurrency() {
        List<RedisGate> clients = IntStream.range(0, 8).mapToObj(i -> redis.gate()).toList();
        welcome(clients.getFirst(), ana);
        List<Uni<GateAnswer>> asked = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            RedisGate client = clients.get(i % clients.size());
            GateRequest request = request(ana, message());
            asked.add(client.reserve(List.of(request), THREE_A_DAY).map(List::getFirst));
        }
        List<GateAnswer> answers =
                await(Uni.join().all(asked).usingConcurrencyOf(64).andCollectFailures());

        assertThat(answers).filteredOn(a -> a instanceof Allowed).hasSize(3);
        assertThat(answers)
                .filteredOn(a -> a instanceof Denied)
                .extracting(a -> ((Denied) a).reason())
                .containsOnly(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName(
            "lets exactly a tightened cap through to many clients at once, and the plain one after")
    void tightenedCapUnderConcurrency() {
        ContactPolicy policy =
                policy(null, new Cap(Scope.GLOBAL, null, 10, Duration.ofDays(1)))
                        .withFatigue(
                                new Fatigue(
                                        Duration.ofDays(30),
                                        List.of(
                                                new ContactPolicy.Step(3, new BigDecimal("0.6")),
                                                new ContactPolicy.Step(5, new BigDecimal("0.51"))),
                                        null,
                                        null));
        List<RedisGate> clients = IntStream.range(0, 8).mapToObj(i -> redis.gate()).toList();
        welcome(clients.getFirst(), ana);
        assertThat(allowedAtOnce(clients, policy)).isEqualTo(5);
        // By a clock that is not the gate's: that she did it just now is all that it says.
        await(
                clients.getFirst()
                        .engaged(List.of(new Engagement(ana, Instant.now().plusSeconds(60)))));
        assertThat(allowedAtOnce(clients, policy)).isEqualTo(5);
    }

    private int allowedAtOnce(List<RedisGate> clients, ContactPolicy policy) {
        List<Uni<GateAnswer>> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            RedisGate client = clients.get(i % clients.size());
            GateRequest request = request(ana, message());
            asked.add(client.reserve(List.of(request), policy).map(List::getFirst));
        }
        return (int)
                await(Uni.join().all(asked).usingConcurrencyOf(64).andCollectFailures()).stream()
                        .filter(Allowed.class::isInstance)
                        .count();
    }

    @Test
    @DisplayName(
            "keeps whom it does not know for a while only when she engages, for a hydration to join")
    void engagementOfSomebodyUnknown() {
        RedisGate gate = redis.gate(clock);
        await(gate.engaged(List.of(new Engagement(ana, now))));
        Request left = Request.cmd(Command.PTTL).arg(GateBytes.key(ana));
        assertThat(send(left).toLong()).isLessThanOrEqualTo(Duration.ofMinutes(5).toMillis());
        assertThat(reason(reserve(gate, ana, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);

        welcome(gate, ana);
        ContactPolicy tiring =
                THREE_A_DAY.withFatigue(
                        new Fatigue(
                                null,
                                List.of(new ContactPolicy.Step(1, new BigDecimal("0.5"))),
                                null,
                                null));
        await(
                gate.hydrate(
                        List.of(
                                new CustomerHistory.Contacts(
                                        ana,
                                        List.of(contact(message(), now.minusSeconds(60), true))))));
        assertThat(await(gate.peek(List.of(request(ana, message())), tiring)).getFirst())
                .extracting(a -> a.verdicts().getLast().limit())
                .isEqualTo(3);
    }

    @Test
    @DisplayName("lets exactly what each of several caps allows through to many clients at once")
    void scopedCapsUnderConcurrency() {
        ContactPolicy policy =
                policy(
                        null,
                        new Cap(Scope.GLOBAL, null, 6, Duration.ofDays(7)),
                        Cap.among(null, "offers", 1, Duration.ofDays(1)),
                        Cap.forEach(Each.TOPIC, 2, Duration.ofDays(7)),
                        Cap.among(Category.SERVICE, null, 2, Duration.ofDays(1)));
        List<RedisGate> clients = IntStream.range(0, 8).mapToObj(i -> redis.gate()).toList();
        welcome(clients.getFirst(), ana);
        List<GateRequest> requests = new ArrayList<>();
        List<Uni<GateAnswer>> asked = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            GateRequest request =
                    new GateRequest(
                            ana,
                            message(),
                            Channel.SMS,
                            i % 2 == 0 ? Category.SERVICE : Category.MARKETING,
                            List.of("offers", "news", "tips").get(i % 3),
                            "cart",
                            "+15550100");
            requests.add(request);
            RedisGate client = clients.get(i % clients.size());
            asked.add(client.reserve(List.of(request), policy).map(List::getFirst));
        }
        List<GateAnswer> answers =
                await(Uni.join().all(asked).usingConcurrencyOf(64).andCollectFailures());

        List<GateRequest> allowed =
                IntStream.range(0, 400)
                        .filter(i -> answers.get(i) instanceof Allowed)
                        .mapToObj(requests::get)
                        .toList();
        assertThat(allowed).filteredOn(r -> "offers".equals(r.topic())).hasSize(1);
        assertThat(allowed).filteredOn(r -> "news".equals(r.topic())).hasSize(2);
        assertThat(allowed).filteredOn(r -> "tips".equals(r.topic())).hasSize(2);
        assertThat(allowed)
                .filteredOn(r -> r.category() == Category.SERVICE)
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    @DisplayName("takes a customer of an older version for one that is to be hydrated")
    void olderVersion() {
        RedisGate gate = redis.gate(clock);
        // As it was stored before contacts had topics: complete, with one contact.
        ByteBuffer older = ByteBuffer.allocate(27 + 12 + 7);
        older.put((byte) 'C').put((byte) 1);
        older.position(27).putLong(7).putInt(7).put(new byte[7]);
        older.putShort(21, (short) 1);
        send(Request.cmd(Command.SET).arg(GateBytes.key(ana)).arg(Buffer.buffer(older.array())));
        assertThat(reason(reserve(gate, ana, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        await(gate.silence(List.of(new SilenceWrite(ana, null, T0.plusSeconds(3600)))));
        assertThat(reason(reserve(gate, ana, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        welcome(gate, ana);
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.SILENCED);
    }

    @Test
    @DisplayName("keeps an opt-out that comes while permissions are being stated anew")
    void optOutWhileStated() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        ConsentWrite stop = stop(ana, null);
        List<Set<CustomerId>> asked = new ArrayList<>();
        await(
                gate.restate(
                        Set.of(ana),
                        of -> {
                            asked.add(of);
                            return asked.size() == 1
                                    ? gate.consent(List.of(stop))
                                            .chain(() -> ledger(permissions(ana, Channel.SMS)))
                                    : ledger(said(stop));
                        }));

        assertThat(asked).containsExactly(Set.of(ana), Set.of(ana));
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    @Test
    @DisplayName("states nothing while consents go on coming, and says so")
    void consentsGoOnComing() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        AtomicInteger came = new AtomicInteger();
        Uni<Void> stated =
                gate.restate(
                        Set.of(ana),
                        of ->
                                gate.consent(
                                                List.of(
                                                        stopAt(
                                                                T0.plusSeconds(
                                                                        came.getAndIncrement()))))
                                        .chain(() -> ledger(permissions(ana, Channel.SMS))));

        assertThatThrownBy(() -> await(stated)).hasMessageContaining("changes faster");
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    @Test
    @DisplayName("makes somebody herself again whose merge was never committed")
    void mergeThatNeverWas() {
        RedisGate gate = redis.gate(clock);
        CustomerId bea = customer();
        welcome(gate, ana);
        welcome(gate, bea);
        await(gate.merge(ana, bea));
        assertThat(reserve(gate, bea, message())).isInstanceOf(Allowed.class);

        await(
                gate.restate(
                        Set.of(bea),
                        of ->
                                ledger(
                                        new CustomerHistory.Permissions(
                                                bea,
                                                List.of(stop(bea, null)),
                                                List.of(),
                                                null,
                                                List.of()))));

        assertThat(reason(reserve(gate, bea, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        await(gate.hydrate(List.of(new CustomerHistory.Contacts(bea, List.of()))));
        assertThat(reason(reserve(gate, bea, message()))).isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(reserve(gate, ana, message())).isInstanceOf(Allowed.class);
    }

    private ConsentWrite stopAt(Instant at) {
        return new ConsentWrite(ana, null, Channel.SMS, null, ConsentState.OPTED_OUT, at);
    }

    private CustomerHistory said(ConsentWrite consent) {
        return new CustomerHistory.Permissions(ana, List.of(consent), List.of(), null, List.of());
    }

    private static Uni<List<CustomerHistory.Permissions>> ledger(CustomerHistory said) {
        return Uni.createFrom().item(List.of((CustomerHistory.Permissions) said));
    }

    @Test
    @DisplayName("still hears clients of an older version")
    void olderClients() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        ByteBuffer silence = ByteBuffer.allocate(12);
        silence.position(6).putShort((short) 0x7fff).putInt(0);
        send(
                GateFunctions.write("thl_silence", GateBytes.key(ana))
                        .arg("")
                        .arg("1000000")
                        .arg(silence.array()));
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.SILENCED);
        await(gate.restate(Set.of(ana), asked -> ledger(permissions(ana, Channel.SMS))));
        long now = T0.toEpochMilli();
        for (int i = 0; i < 3; i++) {
            ByteBuffer contact = ByteBuffer.allocate(19).putShort((short) 0).putInt(i + 1);
            contact.putShort((short) (now >>> 32)).putInt((int) now);
            contact.put((byte) (1 | 16)).putShort((short) 0).putInt(0);
            send(
                    GateFunctions.write("thl_contacts", GateBytes.key(ana))
                            .arg("1000000")
                            .arg("0")
                            .arg(contact.array()));
        }
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName("tells clients of an older version a refusal and nothing besides")
    void olderQuestions() {
        RedisGate gate = redis.gate(clock);
        await(
                gate.hydrate(
                        List.of(permissions(ana), new CustomerHistory.Contacts(ana, List.of()))));
        Rules rules = Rules.of(FREE, Channel.SMS, Category.MARKETING, null, "cart");
        for (String function : List.of("thl_reserve", "thl_peek")) {
            byte[] said =
                    send(GateFunctions.write(function, GateBytes.key(ana))
                                    .arg(GateBytes.request(request(ana, message()), T0))
                                    .arg(GateBytes.rules(rules, Duration.ZERO, Duration.ofDays(1))))
                            .toBytes();
            assertThat(said).containsExactly(Reply.NO_CONSENT);
        }
    }

    @Test
    @DisplayName("says of a customer with very many contacts only which rule refuses first")
    void veryManyContacts() {
        RedisGate gate = redis.gate(clock);
        List<CustomerHistory.Contact> contacts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            contacts.add(contact(message(), T0.minusSeconds(i), true));
        }
        for (List<CustomerHistory.Contact> some : List.of(contacts.subList(0, 100), contacts)) {
            CustomerId customer = customer();
            await(
                    gate.hydrate(
                            List.of(
                                    permissions(customer),
                                    new CustomerHistory.Contacts(customer, some))));
            GateAnswer answer = reserve(gate, customer, message());
            assertThat(reason(answer)).isEqualTo(SuppressionReason.NO_CONSENT);
            if (some.size() < contacts.size()) {
                assertThat(answer.verdicts())
                        .extracting(Verdict::rule, Verdict::passed, Verdict::count, Verdict::last)
                        .containsExactly(
                                tuple("known-customer", true, null, null),
                                tuple("consent", false, null, null),
                                tuple("address", true, null, null),
                                tuple("silence", true, null, null),
                                tuple("cap:global:P1D", false, 100, null));
            } else {
                assertThat(answer.verdicts())
                        .extracting(Verdict::rule, Verdict::passed, Verdict::last)
                        .containsExactly(
                                tuple("known-customer", true, null),
                                tuple("consent", false, null),
                                tuple("address", true, true));
            }
        }
    }

    @Test
    @DisplayName("lets exactly the cap through within one batch")
    void capWithinABatch() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        List<GateRequest> requests =
                IntStream.range(0, 50).mapToObj(i -> request(ana, message())).toList();
        List<GateAnswer> answers = await(gate.reserve(requests, THREE_A_DAY));
        assertThat(answers.subList(0, 3)).allMatch(a -> a instanceof Allowed);
        assertThat(answers.subList(3, 50)).allMatch(a -> a instanceof Denied);
    }

    @Test
    @DisplayName("counts and gives back exactly however many are under way at once")
    void manyUnderWay() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        ContactPolicy thirty = policy(null, new Cap(Scope.GLOBAL, null, 30, Duration.ofDays(1)));
        List<GateRequest> requests =
                IntStream.range(0, 40).mapToObj(i -> request(ana, message())).toList();
        List<GateAnswer> answers = await(gate.reserve(requests, thirty));
        assertThat(answers).filteredOn(a -> a instanceof Allowed).hasSize(30);

        // Asked again, each of them is the one that it was.
        assertThat(await(gate.reserve(requests.subList(0, 30), thirty)))
                .allMatch(a -> a instanceof Allowed);
        for (GateRequest request : requests.subList(0, 10)) {
            await(gate.refund(List.of(new ContactRef(ana, request.message()))));
        }
        assertThat(await(gate.reserve(requests.subList(30, 40), thirty)))
                .allMatch(a -> a instanceof Allowed);
        assertThat(reason(await(gate.peek(List.of(request(ana, message())), thirty)).getFirst()))
                .isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName("keeps a customer whose key would not outlive what is under way by long")
    void keptWhileUnderWay() {
        RedisGate brief = redis.gate(Duration.ofMinutes(20));
        RedisGate lasting = redis.gate(Duration.ofDays(2));
        Request left = Request.cmd(Command.PTTL).arg(GateBytes.key(ana));
        await(
                brief.hydrate(
                        List.of(
                                permissions(ana, Channel.SMS),
                                new CustomerHistory.Contacts(ana, List.of()))));
        assertThat(send(left).toLong()).isLessThanOrEqualTo(Duration.ofMinutes(20).toMillis());
        assertThat(reserve(lasting, ana, message())).isInstanceOf(Allowed.class);
        assertThat(send(left).toLong()).isGreaterThan(Duration.ofDays(1).toMillis());
        assertThat(reserve(lasting, ana, message())).isInstanceOf(Allowed.class);
        assertThat(await(lasting.putConsents(List.of(stop(ana, null)))).left()).isPositive();
    }

    @Test
    @DisplayName("asks once about a customer of a zone that another customer was asked about in")
    void oneQuestionAZone() {
        ContactPolicy nights =
                policy(
                        new QuietHours(
                                LocalTime.of(21, 0), LocalTime.of(8, 0), Set.of(Channel.SMS)));
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        for (CustomerId customer : List.of(ana, bob)) {
            welcome(gate, customer);
            await(gate.whereabouts(customer, Whereabouts.of("Asia/Tokyo")));
        }
        assertThat(reason(await(gate.peek(List.of(request(ana, message())), nights)).getFirst()))
                .isEqualTo(SuppressionReason.QUIET_HOURS);
        send(Request.cmd(Command.CONFIG).arg("RESETSTAT"));
        assertThat(reason(await(gate.peek(List.of(request(bob, message())), nights)).getFirst()))
                .isEqualTo(SuppressionReason.QUIET_HOURS);
        assertThat(send(Request.cmd(Command.INFO).arg("commandstats")).toString())
                .contains("cmdstat_fcall_ro:calls=1,");

        // What is known of the zone holds until its intervals are over, and not before they begin.
        now = T0.plus(Duration.ofDays(3)).plusSeconds(7200);
        assertThat(reason(await(gate.peek(List.of(request(bob, message())), nights)).getFirst()))
                .isEqualTo(SuppressionReason.QUIET_HOURS);
        now = T0.minusSeconds(7200);
        assertThat(await(gate.peek(List.of(request(ana, message())), nights)).getFirst())
                .isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("answers unknown after it lost everything, and right once hydrated")
    void restart() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        List<MessageId> sent = List.of(message(), message(), message());
        for (MessageId message : sent) {
            assertThat(reserve(gate, ana, message)).isInstanceOf(Allowed.class);
        }
        redis.restart();

        assertThat(reason(reserveSoon(gate, ana))).isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        assertThat(await(gate.known(List.of(ana)))).containsExactly(false);
        await(
                gate.hydrate(
                        List.of(
                                permissions(ana, Channel.SMS),
                                new CustomerHistory.Contacts(
                                        ana,
                                        sent.stream().map(m -> contact(m, T0, true)).toList()))));
        assertThat(await(gate.known(List.of(ana)))).containsExactly(true);
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName("fails where Redis is away, and does so within its time")
    void away() {
        try (RedisProcess other = new RedisProcess()) {
            RedisGate gate = other.gate();
            welcome(gate, ana);
            other.stop();
            long began = System.nanoTime();
            assertThatThrownBy(() -> reserve(gate, ana, message())).isNotNull();
            assertThatThrownBy(() -> await(gate.consent(List.of(stop(ana, null))))).isNotNull();
            assertThat(since(began)).isLessThan(Duration.ofSeconds(6));
        }
    }

    @Test
    @DisplayName("keeps a customer with 10 contacts in at most 500 bytes")
    void memory() {
        RedisGate gate = redis.gate(clock);
        await(
                gate.hydrate(
                        List.of(
                                permissions(ana, Channel.EMAIL, Channel.SMS, Channel.WHATSAPP),
                                new CustomerHistory.Contacts(ana, List.of()))));
        await(gate.whereabouts(ana, Whereabouts.of("America/Argentina/Buenos_Aires")));
        await(gate.silence(List.of(new SilenceWrite(ana, null, T0.plusSeconds(3600)))));
        for (int i = 0; i < 10; i++) {
            MessageId message = message();
            await(
                    gate.reserve(
                            List.of(
                                    new GateRequest(
                                            ana,
                                            message,
                                            Channel.SMS,
                                            Category.TRANSACTIONAL,
                                            "offers",
                                            "cart-abandonment",
                                            "+15550100")),
                            FREE));
            await(gate.settle(List.of(new ContactRef(ana, message))));
        }
        Response bytes = send(Request.cmd(Command.MEMORY).arg("USAGE").arg(GateBytes.key(ana)));
        assertThat(bytes.toLong()).isLessThanOrEqualTo(500);
    }

    @Test
    @DisplayName(
            "answers for somebody who gets a receipt every minute, and forgets no text of hers")
    void thousandsOfContacts() {
        RedisGate gate = redis.gate(clock);
        ContactPolicy policy =
                policy(null, new Cap(Scope.CHANNEL, Channel.SMS, 2, Duration.ofDays(30)));
        welcome(gate, ana);
        List<CustomerHistory.Contact> receipts = new ArrayList<>();
        for (int minute = 0; minute < 9_000; minute++) {
            receipts.add(
                    new CustomerHistory.Contact(
                            message(),
                            minute == 0 ? Channel.SMS : Channel.EMAIL,
                            minute == 0 ? Category.MARKETING : Category.TRANSACTIONAL,
                            null,
                            null,
                            T0.minusSeconds(60L * (9_000 - minute)),
                            true));
        }
        await(gate.hydrate(List.of(new CustomerHistory.Contacts(ana, receipts))));

        assertThat(await(gate.reserve(List.of(request(ana, message())), policy)).getFirst())
                .isInstanceOf(Allowed.class);
        for (int i = 0; i < 100; i++) {
            GateRequest receipt =
                    new GateRequest(
                            ana,
                            message(),
                            Channel.EMAIL,
                            Category.TRANSACTIONAL,
                            null,
                            null,
                            "ana@example.com");
            assertThat(await(gate.reserve(List.of(receipt), policy)).getFirst())
                    .isInstanceOf(Allowed.class);
        }
        assertThat(reason(await(gate.reserve(List.of(request(ana, message())), policy)).getFirst()))
                .isEqualTo(SuppressionReason.CHANNEL_CAP);
        Response bytes = send(Request.cmd(Command.STRLEN).arg(GateBytes.key(ana)));
        assertThat(bytes.toLong()).isLessThanOrEqualTo(4_000 * 25 + 500);
    }

    @Test
    @DisplayName("holds no address in the clear")
    void noPersonalData() {
        RedisGate gate = redis.gate(clock);
        await(gate.consent(List.of(stop(ana, "ana@example.com"))));
        for (Response key : send(Request.cmd(Command.KEYS).arg("*"))) {
            assertThat(key.toString()).doesNotContain("ana@example.com");
        }
    }

    @Test
    @DisplayName("refuses a stopped address whoever it belongs to, and takes the contact back")
    void stoppedAddress() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        await(
                gate.consent(
                        List.of(
                                new ConsentWrite(
                                        null,
                                        "+15550199",
                                        Channel.SMS,
                                        null,
                                        ConsentState.OPTED_OUT,
                                        T0))));
        assertThat(await(gate.addressOptedOut(Channel.SMS, List.of("+15550199", "+15550100"))))
                .containsExactly(true, false);
        ContactPolicy one = policy(null, new Cap(Scope.GLOBAL, null, 1, Duration.ofDays(1)));
        GateRequest toStopped =
                new GateRequest(
                        ana, message(), Channel.SMS, Category.MARKETING, null, "cart", "+15550199");
        assertThat(reason(await(gate.reserve(List.of(toStopped), one)).getFirst()))
                .isEqualTo(SuppressionReason.ADDRESS_OPTED_OUT);
        assertThat(await(gate.reserve(List.of(request(ana, message())), one)).getFirst())
                .isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("forgets what turned out not to be hers, but not what was reserved since")
    void forgets() {
        RedisGate gate = redis.gate();
        welcome(gate, ana);
        ContactPolicy two = policy(null, new Cap(Scope.GLOBAL, null, 2, Duration.ofDays(1)));
        MessageId theirs = message();
        MessageId since = message();
        MessageId refunded = message();
        for (MessageId message : List.of(theirs, refunded)) {
            assertThat(await(gate.reserve(List.of(request(ana, message)), two)).getFirst())
                    .isInstanceOf(Allowed.class);
        }
        await(gate.settle(List.of(new ContactRef(ana, theirs))));
        await(gate.refund(List.of(new ContactRef(ana, refunded))));
        await(
                gate.forget(
                        Set.of(ana),
                        () ->
                                gate.reserve(List.of(request(ana, since)), two)
                                        .replaceWith(
                                                Map.of(ana, Set.of(theirs, since, refunded)))));

        assertThat(await(gate.reserve(List.of(request(ana, message())), two)).getFirst())
                .isInstanceOf(Allowed.class);
        assertThat(reason(await(gate.reserve(List.of(request(ana, message())), two)).getFirst()))
                .isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName("forgets nothing of those who are one again")
    void forgetsNothingOfOne() {
        RedisGate gate = redis.gate();
        CustomerId bob = customer();
        welcome(gate, ana);
        welcome(gate, bob);
        ContactPolicy one = policy(null, new Cap(Scope.GLOBAL, null, 1, Duration.ofDays(1)));
        MessageId message = message();
        assertThat(await(gate.reserve(List.of(request(bob, message)), one)).getFirst())
                .isInstanceOf(Allowed.class);
        await(gate.settle(List.of(new ContactRef(bob, message))));
        await(gate.merge(ana, bob));
        Map<CustomerId, Set<MessageId>> theirs = Map.of(ana, Set.of(message), bob, Set.of(message));

        await(gate.forget(Set.of(ana, bob), () -> Uni.createFrom().item(theirs)));
        await(gate.forget(Set.of(bob), () -> Uni.createFrom().item(theirs)));

        assertThat(reason(await(gate.reserve(List.of(request(ana, message())), one)).getFirst()))
                .isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName(
            "tells of an opt-out that an opt-in counts in the place of, as by a clock that is ahead")
    void outdone() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        await(gate.consent(List.of(said(ConsentState.OPTED_OUT, T0))));
        Instant ahead = T0.plusSeconds(5);
        await(gate.consent(List.of(said(ConsentState.OPTED_IN, ahead))));

        assertThat(await(gate.consent(List.of(said(ConsentState.OPTED_OUT, T0.plusSeconds(2))))))
                .contains(ahead);
        assertThat(await(gate.addressOptedOut(Channel.SMS, List.of("+15550177"))))
                .containsExactly(false);
        Instant after = ahead.plusMillis(1);
        assertThat(await(gate.consent(List.of(said(ConsentState.OPTED_OUT, after))))).isEmpty();
        assertThat(await(gate.addressOptedOut(Channel.SMS, List.of("+15550177"))))
                .containsExactly(true);
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    private ConsentWrite said(ConsentState state, Instant at) {
        return new ConsentWrite(ana, "+15550177", Channel.SMS, null, state, at);
    }

    @Test
    @DisplayName("waits with an opt-out for what is under way, but not for ever")
    void optOutWaits() {
        RedisGate gate = redis.gate();
        welcome(gate, ana);
        long began = System.nanoTime();
        Allowed allowed = (Allowed) reserve(gate, ana, message());
        await(gate.consent(List.of(stop(ana, null))));

        assertThat(Instant.now()).isAfterOrEqualTo(allowed.leaseUntil());
        assertThat(since(began))
                .isBetween(
                        RedisProcess.PATIENCE.minusMillis(20),
                        RedisProcess.PATIENCE.plusSeconds(3));
    }

    @Test
    @DisplayName(
            "waits with an opt-out and a silence no longer than until it is settled or refunded")
    void optOutWaitsNoLongerThanNeeded() {
        RedisGate gate = redis.gate();
        List<Function<CustomerId, Uni<Void>>> writes =
                List.of(
                        customer -> gate.consent(List.of(stop(customer, null))).replaceWithVoid(),
                        customer -> gate.silence(List.of(silence(customer))));
        for (Function<CustomerId, Uni<Void>> write : writes) {
            for (boolean settled : List.of(true, false)) {
                CustomerId customer = customer();
                welcome(gate, customer);
                ContactRef contact = new ContactRef(customer, message());
                reserve(gate, customer, contact.message());
                CompletableFuture<Void> done = write.apply(customer).subscribeAsCompletionStage();
                awaitDenied(gate, customer);
                assertThat(done).isNotDone();

                await(settled ? gate.settle(List.of(contact)) : gate.refund(List.of(contact)));
                assertThat(done).succeedsWithin(RedisProcess.PATIENCE.dividedBy(2));
            }
        }
    }

    @Test
    @DisplayName("forgets an erased customer, and waits for what is under way, asked again too")
    void eraseWaits() {
        RedisGate gate = redis.gate();
        welcome(gate, ana);
        long began = System.nanoTime();
        ContactRef contact = new ContactRef(ana, message());
        Allowed allowed = (Allowed) reserve(gate, ana, contact.message());
        CompletableFuture<Void> done = gate.erase(List.of(ana)).subscribeAsCompletionStage();
        awaitDenied(gate, ana);
        assertThat(done).isNotDone();
        await(gate.erase(List.of(ana)));

        assertThat(Instant.now()).isAfterOrEqualTo(allowed.leaseUntil());
        assertThat(since(began)).isLessThan(RedisProcess.PATIENCE.plusSeconds(3));
        await(gate.settle(List.of(contact)));
        welcome(gate, ana);
        assertThat(await(gate.known(List.of(ana)))).containsExactly(false);
        assertThat(reason(reserve(gate, ana, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
    }

    @Test
    @DisplayName("a merge that an erasure comes between brings nothing back")
    void eraseDuringMerge() {
        RedisGate gate = redis.gate();
        CustomerId bob = customer();
        welcome(gate, ana);
        welcome(gate, bob);
        byte[] was = freeze(ana, bob);
        await(gate.erase(List.of(ana)));
        send(GateFunctions.write("thl_alias", GateBytes.key(ana)).arg("1000000").arg(was));
        await(gate.merge(bob, ana));
        assertThat(reason(reserve(gate, ana, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        assertThat(reserve(gate, bob, message())).isInstanceOf(Allowed.class);
        // Whoever was merged into her leads nowhere.
        await(gate.merge(ana, bob));
        assertThat(reason(reserve(gate, bob, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
    }

    @Test
    @DisplayName("acknowledges an opt-out at once where nothing is under way on its channel")
    void optOutAtOnce() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        MessageId message = message();
        reserve(gate, ana, message);
        ConsentWrite email =
                new ConsentWrite(ana, null, Channel.EMAIL, null, ConsentState.OPTED_OUT, T0);
        assertThat(await(gate.putConsents(List.of(email))).left()).isEqualTo(Duration.ZERO);
        await(gate.settle(List.of(new ContactRef(ana, message))));
        assertThat(await(gate.putConsents(List.of(stop(ana, null)))).left())
                .isEqualTo(Duration.ZERO);
    }

    @Test
    @DisplayName("waits for what was settled before and is being handed over again")
    void optOutWaitsForARepetition() {
        RedisGate gate = redis.gate(clock);
        welcome(gate, ana);
        MessageId message = message();
        reserve(gate, ana, message);
        await(gate.settle(List.of(new ContactRef(ana, message))));
        now = now.plusSeconds(5);
        reserve(gate, ana, message);

        assertThat(await(gate.putConsents(List.of(stop(ana, null)))).left())
                .isEqualTo(RedisProcess.PATIENCE);
        await(gate.refund(List.of(new ContactRef(ana, message))));
        assertThat(await(gate.putConsents(List.of(stop(ana, null)))).left())
                .isEqualTo(Duration.ZERO);
        assertThat(await(gate.peek(List.of(request(ana, message())), THREE_A_DAY)).getFirst())
                .isInstanceOf(Denied.class);
    }

    @Test
    @DisplayName("waits for what is under way to a customer whose merge was not finished")
    void optOutWaitsForTheFrozen() {
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        welcome(gate, ana);
        welcome(gate, bob);
        reserve(gate, bob, message());
        freeze(bob, ana);

        assertThat(await(gate.putConsents(List.of(stop(bob, null)))).left())
                .isEqualTo(RedisProcess.PATIENCE);
        assertThat(await(gate.putSilences(List.of(new SilenceWrite(bob, null, T0.plusSeconds(9))))))
                .isEqualTo(RedisProcess.PATIENCE);
    }

    @Test
    @DisplayName("is right about quiet hours at the first question after a customer moved")
    void quietHoursAfterAMove() {
        ContactPolicy nights =
                policy(
                        new QuietHours(
                                LocalTime.of(21, 0), LocalTime.of(8, 0), Set.of(Channel.SMS)));
        RedisGate knowing = redis.gate(clock);
        RedisGate other = redis.gate(clock);
        welcome(knowing, ana);
        assertThat(await(knowing.peek(List.of(request(ana, message())), nights)).getFirst())
                .isInstanceOf(Allowed.class);
        await(other.whereabouts(ana, Whereabouts.of("Asia/Tokyo")));
        // 21:00 in Tokyo is 12:00 UTC.
        for (RedisGate gate : List.of(knowing, other)) {
            GateAnswer answer =
                    await(gate.peek(List.of(request(ana, message())), nights)).getFirst();
            assertThat(reason(answer)).isEqualTo(SuppressionReason.QUIET_HOURS);
            assertThat(((Denied) answer).retryAt())
                    .isEqualTo(Instant.parse("2026-06-01T23:00:00Z"));
            assertThat(Verdict.refusing(answer.verdicts()).orElseThrow().where())
                    .isEqualTo("Asia/Tokyo");
        }
    }

    @Test
    @DisplayName("follows a chain of merges, for questions and for writes")
    void chain() {
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        CustomerId cyd = customer();
        for (CustomerId customer : List.of(ana, bob, cyd)) {
            welcome(gate, customer);
            assertThat(reserve(gate, customer, message())).isInstanceOf(Allowed.class);
        }
        await(gate.merge(bob, cyd));
        await(gate.merge(ana, bob));

        assertThat(reason(reserve(gate, cyd, message()))).isEqualTo(SuppressionReason.GLOBAL_CAP);
        now = now.plus(Duration.ofDays(1));
        Allowed allowed = (Allowed) reserve(gate, cyd, message());
        assertThat(allowed.customer()).isEqualTo(ana);
        await(gate.putConsents(List.of(stop(cyd, null)))).left();
        assertThat(reason(reserve(gate, ana, message()))).isEqualTo(SuppressionReason.OPTED_OUT);
    }

    @Test
    @DisplayName("a merge that stopped half way denies the merged customer and loosens nothing")
    void crashedMerge() {
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        welcome(gate, ana);
        welcome(gate, bob);
        MessageId open = message();
        reserve(gate, bob, open);
        reserve(gate, bob, message());
        reserve(gate, ana, message());
        freeze(bob, ana);

        assertThat(reason(reserve(gate, bob, message())))
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        assertThat(await(gate.known(List.of(bob)))).containsExactly(false);
        assertThat(reserve(gate, ana, message())).isInstanceOf(Allowed.class);
        // What is said to the frozen one is not lost.
        await(gate.refund(List.of(new ContactRef(bob, open))));
        await(gate.silence(List.of(new SilenceWrite(bob, "welcome", T0.plusSeconds(60)))));

        await(gate.merge(ana, bob));
        GateAnswer answer =
                await(gate.peek(List.of(request(bob, message())), THREE_A_DAY)).getFirst();
        assertThat(answer).isInstanceOf(Denied.class);
        assertThat(answer.verdicts()).last().extracting(v -> v.count()).isEqualTo(3);
        await(gate.merge(ana, bob));
        assertThat(
                        await(gate.peek(List.of(request(bob, message())), THREE_A_DAY))
                                .getFirst()
                                .verdicts())
                .isEqualTo(answer.verdicts());
    }

    @Test
    @DisplayName("a write between the steps of a merge is absorbed too")
    void writeDuringMerge() {
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        welcome(gate, ana);
        welcome(gate, bob);
        MessageId message = message();
        reserve(gate, bob, message);
        byte[] was = freeze(bob, ana);
        // Settled after the merge read the frozen customer, before it was absorbed.
        await(gate.settle(List.of(new ContactRef(bob, message))));
        assertThat(
                        send(GateFunctions.write("thl_alias", GateBytes.key(bob))
                                        .arg("1000000")
                                        .arg(was))
                                .get(1)
                                .toBytes())
                .isNotEmpty();
        await(gate.merge(ana, bob));

        await(gate.refund(List.of(new ContactRef(ana, message))));
        assertThat(
                        await(gate.peek(List.of(request(ana, message())), THREE_A_DAY))
                                .getFirst()
                                .verdicts())
                .last()
                .extracting(v -> v.count())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("merges and reservations at the same time lose no contact")
    void mergeUnderLoad() {
        for (int round = 0; round < 20; round++) {
            RedisGate gate = redis.gate();
            CustomerId survivor = customer();
            CustomerId merged = customer();
            welcome(gate, survivor);
            welcome(gate, merged);
            ContactPolicy many =
                    policy(null, new Cap(Scope.GLOBAL, null, 1000, Duration.ofDays(1)));
            List<Uni<Integer>> work = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                CustomerId either = i % 2 == 0 ? survivor : merged;
                work.add(
                        gate.reserve(List.of(request(either, message())), many)
                                .map(a -> a.getFirst() instanceof Allowed ? 1 : 0));
            }
            work.add(20, gate.merge(survivor, merged).replaceWith(0));
            List<Integer> allowed =
                    await(Uni.join().all(work).usingConcurrencyOf(8).andCollectFailures());
            GateAnswer after =
                    await(gate.peek(List.of(request(merged, message())), many)).getFirst();
            assertThat(after.verdicts())
                    .last()
                    .extracting(v -> v.count())
                    .isEqualTo(allowed.stream().mapToInt(n -> n).sum());
        }
    }

    @Test
    @DisplayName("contradicting merges leave one customer and no circle")
    void contradiction() {
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        welcome(gate, ana);
        welcome(gate, bob);
        await(gate.merge(ana, bob));
        await(gate.merge(bob, ana));
        assertThat(reserve(gate, bob, message()))
                .isInstanceOfSatisfying(
                        Allowed.class, allowed -> assertThat(allowed.customer()).isEqualTo(ana));
    }

    @Test
    @DisplayName("hydration that names merged customers makes them aliases again")
    void hydratesAliases() {
        RedisGate gate = redis.gate(clock);
        CustomerId bob = customer();
        await(
                gate.hydrate(
                        List.of(
                                new CustomerHistory.Contacts(ana, List.of()),
                                new CustomerHistory.Permissions(
                                        ana,
                                        List.of(optIn(ana, Channel.SMS)),
                                        List.of(),
                                        null,
                                        List.of(bob)))));
        assertThat(reserve(gate, bob, message()))
                .isInstanceOfSatisfying(
                        Allowed.class, allowed -> assertThat(allowed.customer()).isEqualTo(ana));
    }

    @Test
    @DisplayName("a refund that comes when its caller has given it up takes nothing back")
    void refundTooLate() {
        RedisGate gate = redis.gate();
        welcome(gate, ana);
        MessageId message = message();
        assertThat(reserve(gate, ana, message)).isInstanceOf(Allowed.class);
        Request late =
                GateFunctions.write("thl_refund", GateBytes.key(ana))
                        .arg("1000000")
                        .arg(GateBytes.message(message))
                        .arg(Long.toString(Instant.now().minusSeconds(1).toEpochMilli()));
        assertThat(Reply.code(send(late))).isEqualTo(Reply.LATE);
        for (int i = 0; i < 2; i++) {
            assertThat(reserve(gate, ana, message())).isInstanceOf(Allowed.class);
        }
        assertThat(reserve(gate, ana, message())).isInstanceOf(Denied.class);
        await(gate.refund(List.of(new ContactRef(ana, message))));
        assertThat(reserve(gate, ana, message())).isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("an opt-out of somebody unknown waits for what the last epoch may have allowed")
    void waitsForTheLastEpoch() {
        RedisGate gate = redis.gate();
        long began = System.nanoTime();
        redis.beginEpoch();
        await(gate.consent(List.of(stop(ana, null))));
        assertThat(since(began)).isGreaterThanOrEqualTo(RedisProcess.PATIENCE);

        CustomerId bob = customer();
        redis.beginEpoch();
        welcome(gate, bob);
        began = System.nanoTime();
        await(gate.consent(List.of(stop(bob, null))));
        assertThat(since(began)).isLessThan(RedisProcess.PATIENCE);
    }

    @Test
    @DisplayName("an empty batch asks nothing")
    void emptyBatch() {
        RedisGate gate = redis.gate(clock);
        assertThat(await(gate.reserve(List.of(), FREE))).isEmpty();
        await(gate.settle(List.of()));
        await(gate.consent(List.of()));
        assertThat(await(gate.known(List.of()))).isEmpty();
    }

    private static void awaitDenied(RedisGate gate, CustomerId customer) {
        GateRequest request = request(customer, new MessageId(new UUID(0, 1)));
        gate.peek(List.of(request), FREE)
                .repeat()
                .withDelay(Duration.ofMillis(2))
                .until(answers -> answers.getFirst() instanceof Denied)
                .collect()
                .last()
                .await()
                .atMost(RedisProcess.PATIENCE.dividedBy(2));
    }

    private static SilenceWrite silence(CustomerId customer) {
        return new SilenceWrite(customer, null, Instant.now().plusSeconds(60));
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private byte[] freeze(CustomerId merged, CustomerId survivor) {
        return send(GateFunctions.write("thl_freeze", GateBytes.key(merged))
                        .arg("1000000")
                        .arg(GateBytes.id(survivor)))
                .get(2)
                .toBytes();
    }

    private static Response send(Request request) {
        return redis.client()
                .send(request)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(5, java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    private static void welcome(RedisGate gate, CustomerId customer) {
        await(
                gate.hydrate(
                        List.of(
                                permissions(customer, Channel.SMS),
                                new CustomerHistory.Contacts(customer, List.of()))));
    }

    private static CustomerHistory permissions(CustomerId customer, Channel... optedIn) {
        List<ConsentWrite> consents = new ArrayList<>();
        for (Channel channel : optedIn) {
            consents.add(optIn(customer, channel));
        }
        return new CustomerHistory.Permissions(customer, consents, List.of(), null, List.of());
    }

    private static ConsentWrite optIn(CustomerId customer, Channel channel) {
        return new ConsentWrite(
                customer, null, channel, null, ConsentState.OPTED_IN, T0.minusSeconds(86_400));
    }

    private static ConsentWrite stop(CustomerId customer, @Nullable String address) {
        return new ConsentWrite(customer, address, Channel.SMS, null, ConsentState.OPTED_OUT, T0);
    }

    private static CustomerHistory.Contact contact(MessageId message, Instant at, boolean settled) {
        return new CustomerHistory.Contact(
                message, Channel.SMS, Category.MARKETING, null, "cart", at, settled);
    }

    private static GateAnswer reserve(RedisGate gate, CustomerId customer, MessageId message) {
        return await(gate.reserve(List.of(request(customer, message)), THREE_A_DAY)).getFirst();
    }

    /** The client notices at its first questions that its connections are gone. */
    private GateAnswer reserveSoon(RedisGate gate, CustomerId customer) {
        return gate.reserve(List.of(request(customer, message())), THREE_A_DAY)
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(5))
                .atMost(20)
                .await()
                .atMost(Duration.ofSeconds(10))
                .getFirst();
    }

    private static SuppressionReason reason(GateAnswer answer) {
        assertThat(answer).isInstanceOf(Denied.class);
        return ((Denied) answer).reason();
    }

    private static GateRequest request(CustomerId customer, MessageId message) {
        return new GateRequest(
                customer, message, Channel.SMS, Category.MARKETING, null, "cart", "+15550100");
    }

    private CustomerId customer() {
        return new CustomerId(Ids.timeOrdered(T0, random));
    }

    private MessageId message() {
        return new MessageId(new UUID(random.nextLong(), random.nextLong()));
    }

    private static ContactPolicy policy(@Nullable QuietHours quiet, Cap... caps) {
        return new ContactPolicy(
                1, List.of(caps), null, quiet, "UTC", Map.of(), Set.of(Channel.SMS), List.of());
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(10));
    }
}
