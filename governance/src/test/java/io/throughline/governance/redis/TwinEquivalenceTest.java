package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.message.Verdict;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.Scenario;
import io.throughline.governance.Scenario.Step;
import io.throughline.governance.memory.InMemoryGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The gate in Redis and its twin")
class TwinEquivalenceTest {

    /** Of countries that few customers of a scenario are in. */
    private static final Set<String> RARE = Set.of("quiet-hours:fr", "quiet-hours:in", "outdone");

    private static final int SEEDS = 400;
    private static final int STEPS = 60;

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = new RedisProcess();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Test
    @DisplayName("give the same answers, verdicts and leases through the same random histories")
    void sameAnswers() {
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            new Comparison(seed, seen).run();
        }
        // The histories are worth something only if they reach every kind of answer.
        assertThat(seen)
                .containsKeys(
                        "Allowed",
                        "UNKNOWN_CUSTOMER",
                        "NO_CONSENT",
                        "OPTED_OUT",
                        "ADDRESS_OPTED_OUT",
                        "SILENCED",
                        "QUIET_HOURS",
                        "MINIMUM_GAP",
                        "JOURNEY_CAP",
                        "CHANNEL_CAP",
                        "GLOBAL_CAP",
                        "cap:category",
                        "cap:topic",
                        "gap:global",
                        "gap:channel",
                        "gap:journey",
                        "gap:category",
                        "gap:topic",
                        "tightened, ignored",
                        "tightened, ignored, refused",
                        "tightened, nearly left",
                        "tightened, nearly left, refused",
                        "outdone",
                        "taken back",
                        "put:back",
                        "counted already",
                        "lease running",
                        "epochs");
        assertThat(seen)
                .as("seen often enough")
                .allSatisfy((what, count) ->
                        assertThat(count)
                                .isGreaterThanOrEqualTo(
                                        RARE.contains(what) ? 1 : what.contains(":") ? 2 : 20));
    }

    private static final class Comparison {

        private final long seed;
        private final Map<String, Integer> seen;
        private final Scenario scenario;
        private final RedisGate gate;
        private final InMemoryGate twin =
                new InMemoryGate(RedisProcess.LEASE, RedisProcess.PATIENCE);
        private final List<Step> history = new ArrayList<>();

        Comparison(long seed, Map<String, Integer> seen) {
            this.seed = seed;
            this.seen = seen;
            this.scenario = new Scenario(seed);
            this.gate = redis.gate(scenario.clock());
        }

        void run() {
            scenario.welcome().forEach(this::take);
            for (int i = 0; i < STEPS; i++) {
                take(scenario.next());
            }
            assertThat(await(gate.known(scenario.customers())))
                    .as(this::story)
                    .isEqualTo(scenario.customers().stream().map(twin::known).toList());
        }

        private void take(Step step) {
            history.add(step);
            switch (step) {
                case Step.Reserve(var request, var policy) ->
                        same(
                                await(gate.reserve(List.of(request), policy)).getFirst(),
                                twin.reserve(request, policy, scenario.now()));
                case Step.Peek(var request, var policy) -> {
                    List<GateAnswer> answers =
                            await(gate.peek(List.of(request, request.again()), policy));
                    same(answers.getFirst(), twin.peek(request, policy, scenario.now()));
                    same(answers.getLast(), twin.peek(request.again(), policy, scenario.now()));
                }
                case Step.Settle(var contact) -> {
                    await(gate.settle(List.of(contact)));
                    twin.settle(contact, scenario.now());
                }
                case Step.Refund(var contact) -> {
                    await(gate.refund(List.of(contact)));
                    twin.refund(contact);
                }
                case Step.TakeBack(var contact) -> {
                    await(gate.takeBack(List.of(contact)));
                    count(twin.takeBack(contact) ? "taken back" : "nothing to take");
                }
                case Step.PutBack(var contact) -> {
                    await(gate.putBack(List.of(contact)));
                    count(twin.putBack(contact) ? "put:back" : "nothing to put back");
                }
                case Step.Consent(var consent) -> {
                    RedisGate.ConsentsPut put = await(gate.putConsents(List.of(consent)));
                    sameLease(put.left(), twin.consent(consent, scenario.now()));
                    assertThat(put.outdone()).isEqualTo(twin.outdone(consent));
                    count(put.outdone().isPresent() ? "outdone" : "in force");
                }
                case Step.Silence(var silence) ->
                        sameLease(
                                await(gate.putSilences(List.of(silence))),
                                twin.silence(silence, scenario.now()));
                case Step.Moves(var customer, var where) -> {
                    await(gate.whereabouts(customer, where));
                    twin.whereabouts(customer, where);
                }
                case Step.Engages(var engagement) -> {
                    await(gate.engaged(List.of(engagement)));
                    twin.engaged(engagement);
                }
                case Step.Merge(var survivor, var merged) -> {
                    await(gate.merge(survivor, merged));
                    twin.merge(survivor, merged);
                }
                case Step.Split(var from, var to) -> {
                    await(gate.split(from, to));
                    twin.split(from, to);
                }
                case Step.Restate(var permissions) -> {
                    await(
                            gate.restate(
                                    Set.of(permissions.customer()),
                                    asked -> Uni.createFrom().item(List.of(permissions))));
                    twin.restate(permissions);
                }
                case Step.Erase(var customer) ->
                        sameLease(
                                await(gate.putErasures(List.of(customer))),
                                twin.erase(customer, scenario.now()));
                case Step.NewEpoch epoch -> {
                    redis.beginEpoch();
                    twin.beginEpoch();
                    count("epochs");
                }
                case Step.Hydrate(var history) -> {
                    await(gate.hydrate(List.of(history)));
                    twin.hydrate(history);
                }
            }
        }

        private void same(GateAnswer ofRedis, GateAnswer ofTwin) {
            assertThat(ofRedis).as(this::story).isEqualTo(ofTwin);
            count(
                    switch (ofTwin) {
                        case GateAnswer.Allowed allowed -> "Allowed";
                        case GateAnswer.Denied denied -> denied.reason().name();
                    });
            if (ofTwin.counted()) {
                count("counted already");
            }
            for (Verdict verdict : ofTwin.verdicts()) {
                Verdict.Tightened tightened = verdict.tightened();
                if (tightened != null) {
                    String why = tightened.ignored() == null ? "nearly left" : "ignored";
                    count("tightened, " + why + (verdict.passed() ? "" : ", refused"));
                }
            }
            if (ofTwin instanceof GateAnswer.Denied denied) {
                String[] rule =
                        Verdict.refusing(denied.verdicts()).orElseThrow().rule().split(":", 3);
                if (rule.length > 1) {
                    count(rule[0] + ":" + rule[1]);
                }
            }
        }

        private void sameLease(Duration ofRedis, Duration ofTwin) {
            assertThat(ofRedis).as(this::story).isEqualTo(ofTwin);
            if (ofTwin.isPositive()) {
                count("lease running");
            }
        }

        private void count(String what) {
            seen.merge(what, 1, Integer::sum);
        }

        private String story() {
            StringBuilder story = new StringBuilder("seed " + seed + "\n");
            scenario.policies().forEach(p -> story.append(p).append('\n'));
            history.forEach(s -> story.append(s).append('\n'));
            return story.append("at ").append(scenario.now()).toString();
        }
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(5));
    }
}
