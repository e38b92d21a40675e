package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.throughline.contracts.CustomerId;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four processes send as fast as they can, three messages to everybody who may have them, while
 * Redis fails. Whatever it does: nobody gets a fourth, nobody gets one after a stop that was
 * acknowledged, and once it is back everybody gets what she may have, without anybody's help.
 */
@DisplayName("While four processes send")
@Timeout(180)
class RedisFailuresTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LEASE = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int PROCESSES = 4;
    private static final int CUSTOMERS = 300;

    @TempDir private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final List<AutoCloseable> running = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable one : running.reversed()) {
            one.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    @DisplayName("Redis is killed and comes back empty, again and again")
    void restartedEmpty() {
        RedisNode redis = node("save \"\"", "appendonly no");
        Senders senders = senders(redis.port());
        RedisGate gate = gate(redis.port());
        for (int round = 0; round < Senders.CAP; round++) {
            senders.want(senders.customers());
            int before = senders.handedOver();
            soon().until(() -> senders.handedOver() > before + CUSTOMERS / 3);
            List<CustomerId> leaving = some(senders, round);
            leaving.forEach(customer -> senders.stop(gate, customer));
            redis.kill();
            redis.startAgain();
        }
        everythingEnds(senders);
    }

    @Test
    @DisplayName("Redis comes back from a file that misses its last writes")
    void restartedFromItsFile() throws IOException {
        RedisNode redis = node("save \"\"", "appendonly yes", "appendfsync no");
        Senders senders = senders(redis.port());
        RedisGate gate = gate(redis.port());
        senders.want(senders.customers());
        soon().until(() -> senders.handedOver() > CUSTOMERS / 2);
        Path file = appendOnlyFile(redis);
        long kept = Files.size(file);

        senders.want(senders.customers());
        soon().until(() -> senders.handedOver() > CUSTOMERS + CUSTOMERS / 2);
        some(senders, 1).forEach(customer -> senders.stop(gate, customer));
        redis.kill();
        try (RandomAccessFile lost = new RandomAccessFile(file.toFile(), "rw")) {
            assertThat(lost.length()).isGreaterThan(kept);
            lost.setLength(kept);
        }
        redis.startAgain();
        assertThat(redis.tell("DBSIZE")).isNotEqualTo(":0");

        everythingEnds(senders);
    }

    @Test
    @DisplayName("Redis fails over to a replica that is behind")
    void failedOverBehind() {
        RedisNode master = node("save \"\"", "appendonly no");
        Wire link = wire(master.port());
        RedisNode replica =
                node("save \"\"", "appendonly no", "replicaof 127.0.0.1 " + link.port());
        Wire address = wire(master.port());
        soon().until(() -> replica.replication().contains("master_link_status:up"));
        Senders senders = senders(address.port());
        RedisGate gate = gate(address.port());
        senders.want(senders.customers());
        soon().until(() -> senders.handedOver() > CUSTOMERS / 2);

        link.swallow();
        senders.want(senders.customers());
        soon().until(() -> senders.handedOver() > CUSTOMERS + CUSTOMERS / 2);
        some(senders, 1).forEach(customer -> senders.stop(gate, customer));
        assertThat(number(master, "master_repl_offset"))
                .isGreaterThan(number(replica, "slave_repl_offset"));
        master.kill();
        replica.tell("REPLICAOF NO ONE");
        address.leadTo(replica.port());
        assertThat(replica.tell("DBSIZE")).isNotEqualTo(":0");

        everythingEnds(senders);
    }

    @Test
    @DisplayName("Redis freezes for longer than anybody waits, and goes on")
    void frozen() {
        RedisNode redis = node("save \"\"", "appendonly no");
        Senders senders = senders(redis.port());
        RedisGate gate = gate(redis.port());
        CustomerId leaving = senders.customers().getFirst();
        for (int round = 0; round < Senders.CAP; round++) {
            senders.want(senders.customers());
            int before = senders.handedOver();
            soon().until(() -> senders.handedOver() > before + CUSTOMERS / 3);
            redis.freeze();
            int failures = senders.failures();
            if (round == 0) {
                assertThatThrownBy(() -> senders.stop(gate, leaving))
                        .hasMessageContaining("did not answer");
            }
            senders.want(waiting(senders));
            soon().until(() -> senders.failures() >= failures + 2 * PROCESSES);
            redis.thaw();
            some(senders, round).forEach(customer -> senders.stop(gate, customer));
        }
        everythingEnds(senders);
    }

    @Test
    @DisplayName("Redis is slow: within the lease, beyond the lease, beyond all patience")
    void slow() {
        RedisNode redis = node("save \"\"", "appendonly no");
        Wire address = wire(redis.port());
        Senders senders = senders(address.port());
        RedisGate gate = gate(address.port());
        senders.want(senders.customers());
        address.slow(Duration.ofMillis(40));
        int before = senders.handedOver();
        soon().until(() -> senders.handedOver() > before + CUSTOMERS / 3);

        address.slow(LEASE);
        int late = senders.late();
        senders.want(waiting(senders));
        soon().until(() -> senders.late() > late + 2 * PROCESSES);

        address.slow(TIMEOUT);
        int failures = senders.failures();
        senders.want(waiting(senders));
        soon().until(() -> senders.failures() >= failures + 2 * PROCESSES);
        address.mend();
        acknowledged(senders, gate, some(senders, 2));
        everythingEnds(senders);
    }

    @Test
    @DisplayName("Redis is cut off, with a refusal and without a word")
    void cutOff() {
        RedisNode redis = node("save \"\"", "appendonly no");
        Wire address = wire(redis.port());
        Senders senders = senders(address.port());
        RedisGate gate = gate(address.port());
        for (Runnable how : List.<Runnable>of(address::cut, address::swallow)) {
            senders.want(senders.customers());
            int before = senders.handedOver();
            soon().until(() -> senders.handedOver() > before + CUSTOMERS / 3);
            int failures = senders.failures();
            how.run();
            senders.want(waiting(senders));
            soon().until(() -> senders.failures() >= failures + 4 * PROCESSES);
            address.mend();
            acknowledged(senders, gate, some(senders, 1));
        }
        everythingEnds(senders);
    }

    /** Everybody is wanted more of than she may have; the failure is over. */
    private void everythingEnds(Senders senders) {
        for (int i = 0; i <= Senders.CAP; i++) {
            senders.want(senders.customers());
        }
        soon().until(senders::through);
        assertThat(senders.afterStop()).isEmpty();
        assertThat(senders.received())
                .allSatisfy((customer, times) ->
                        assertThat(times).as("%s", customer).hasSizeLessThanOrEqualTo(Senders.CAP));
        assertThat(senders.those(c -> !senders.stopping(c)))
                .isNotEmpty()
                .allSatisfy(customer ->
                        assertThat(senders.received().get(customer)).hasSize(Senders.CAP));
        assertThat(senders.those(senders::stopped)).isNotEmpty();
    }

    /** As whoever has to be told that it is in force: again until it is. */
    private static void acknowledged(Senders senders, RedisGate gate, List<CustomerId> leaving) {
        soon().until(() -> {
            leaving.stream()
                    .filter(customer -> !senders.stopped(customer))
                    .forEach(customer -> senders.stop(gate, customer));
            return true;
        });
    }

    private static List<CustomerId> some(Senders senders, int round) {
        return senders.customers().subList(round * 20 + 1, round * 20 + 21);
    }

    /** For whom something is asked in the failure, however fast all the others were through. */
    private static List<CustomerId> waiting(Senders senders) {
        return some(senders, 10);
    }

    private Senders senders(int port) {
        List<RedisGate> gates = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            gates.add(gate(port));
        }
        Senders senders = new Senders(gates, CUSTOMERS, 7);
        running.add(senders);
        return senders;
    }

    private RedisGate gate(int port) {
        Redis client =
                Redis.createClient(
                        vertx,
                        new RedisOptions()
                                .setConnectionString("redis://127.0.0.1:" + port)
                                .setMaxPoolSize(2)
                                .setNetClientOptions(
                                        new NetClientOptions()
                                                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                                                .setReadIdleTimeout(2)));
        running.add(client::close);
        return new RedisGate(
                new GateFunctions(vertx, Nodes.of(client, false), TIMEOUT),
                new RedisGate.Times(LEASE, PATIENCE, Duration.ofDays(30)),
                InstantSource.system(),
                false);
    }

    private RedisNode node(String... settings) {
        RedisNode node = new RedisNode(directory, settings);
        running.add(node);
        return node;
    }

    private Wire wire(int port) {
        Wire wire = new Wire(port);
        running.add(wire);
        return wire;
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .ignoreExceptions();
    }

    private static long number(RedisNode node, String field) {
        return node.replication()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.substring(field.length() + 1).strip()))
                .findFirst()
                .orElseThrow();
    }

    private static Path appendOnlyFile(RedisNode redis) throws IOException {
        try (Stream<Path> files = Files.list(redis.directory().resolve("appendonlydir"))) {
            return files.filter(f -> f.toString().endsWith(".incr.aof")).findFirst().orElseThrow();
        }
    }
}
