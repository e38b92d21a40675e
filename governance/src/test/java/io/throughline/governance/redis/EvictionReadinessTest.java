package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Readiness where Redis's memory is limited")
class EvictionReadinessTest {

    private static RedisProcess redis;

    private static EvictionReadiness readiness;

    @BeforeAll
    static void start() {
        redis = new RedisProcess();
        readiness = new EvictionReadiness(redis.gate());
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void asItWas() {
        set("maxmemory-policy", "noeviction");
        set("maxmemory", "0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"allkeys-lru", "allkeys-random", "volatile-lfu", "volatile-ttl"})
    @DisplayName("is denied for as long as it may evict, and says what to set")
    void evicts(String policy) {
        set("maxmemory", "1gb");
        set("maxmemory-policy", policy);

        assertThat(answer().getStatus()).isEqualTo(Status.DOWN);
        assertThat(answer().getData().orElseThrow())
                .hasEntrySatisfying(
                        "redis",
                        text ->
                                assertThat(text)
                                        .asString()
                                        .contains(policy, "set maxmemory-policy to noeviction"));

        set("maxmemory-policy", "noeviction");
        assertThat(answer().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    @DisplayName("is given where there is no limit, whatever would be done at one")
    void unlimited() {
        set("maxmemory-policy", "allkeys-lru");

        assertThat(answer().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    @DisplayName("is given where Redis does not tell")
    void untold() {
        set("maxmemory", "1gb");
        set("maxmemory-policy", "allkeys-lru");
        send(Request.cmd(Command.ACL).arg("SETUSER").arg("default").arg("-info"));
        try {
            assertThat(answer().getStatus()).isEqualTo(Status.UP);
        } finally {
            send(Request.cmd(Command.ACL).arg("SETUSER").arg("default").arg("+info"));
        }
        assertThat(answer().getStatus()).isEqualTo(Status.DOWN);
        assertThat(Eviction.of("# Memory\r\nused_memory:7\r\n")).isEmpty();
    }

    private static HealthCheckResponse answer() {
        return readiness.call().await().atMost(Duration.ofSeconds(20));
    }

    private static void set(String name, String value) {
        send(Request.cmd(Command.CONFIG).arg("SET").arg(name).arg(value));
    }

    private static void send(Request request) {
        redis.client().send(request).toCompletionStage().toCompletableFuture().join();
    }
}
