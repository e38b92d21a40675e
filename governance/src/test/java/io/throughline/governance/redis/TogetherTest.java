package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.BulkType;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Calls of the gate")
class TogetherTest {

    private final Vertx vertx = Vertx.vertx();
    private final Server server = new Server();
    private final Together together = new Together(server, vertx);

    /** Answers a read of a key with the key, and one of a bad key not at all. */
    private static final class Server implements Nodes {

        private final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
        private volatile Predicate<String> refuses = key -> false;
        private volatile boolean away;

        @Override
        public Future<List<@Nullable Response>> batch(List<Request> requests) {
            batches.add(requests.size());
            if (away) {
                return Future.failedFuture(new IllegalStateException("connection closed"));
            }
            List<@Nullable Response> answers = new ArrayList<>();
            for (Request request : requests) {
                String key = key(request);
                if (refuses.test(key)) {
                    return Future.failedFuture(ErrorType.create("ERR not " + key));
                }
                answers.add(BulkType.create(Buffer.buffer(key), false));
            }
            return Future.succeededFuture(answers);
        }

        @Override
        public Future<List<@Nullable Response>> everywhere(Request request) {
            return Future.succeededFuture(List.of());
        }

        private static String key(Request request) {
            return request.toString().replaceAll("(?s).*\\r\\n(k[0-9a-z]+)\\r\\n.*", "$1");
        }
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("of one moment are one batch, and each caller has its own answers")
    void oneBatch() throws Exception {
        List<String> told = atOnce(20, 3);
        assertThat(server.batches).containsExactly(60);
        assertThat(told)
                .containsExactlyElementsOf(
                        IntStream.range(0, 20)
                                .mapToObj(i -> "k%da k%db k%dc".formatted(i, i, i))
                                .toList());
    }

    @Test
    @DisplayName("that are many are several batches of a bounded size")
    void boundedBatches() throws Exception {
        assertThat(atOnce(400, 3)).hasSize(400);
        assertThat(server.batches.stream().mapToInt(i -> i).sum()).isEqualTo(1_200);
        assertThat(server.batches).hasSizeLessThan(5).allMatch(size -> size <= 512);
    }

    @Test
    @DisplayName("fail for all where one is refused, and are not sent again")
    void aRefusalIsForAll() throws Exception {
        server.refuses = "k7b"::equals;
        assertThat(atOnce(20, 2)).containsOnly("ERR not k7b");
        assertThat(server.batches).hasSize(1);
    }

    @Test
    @DisplayName("fail for all where the server is away, and are not sent again")
    void awayForAll() throws Exception {
        server.away = true;
        assertThat(atOnce(5, 2)).containsOnly("connection closed");
        assertThat(server.batches).hasSize(1);
    }

    @Test
    @DisplayName("from outside of an event loop go at once")
    void elsewhereAtOnce() {
        assertThat(together.batch(List.of(GateFunctions.get("k1a"))).result()).hasSize(1);
    }

    private List<String> atOnce(int callers, int requests) throws Exception {
        Promise<List<String>> all = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(ignored -> {
                    List<Future<String>> told = new ArrayList<>();
                    for (int i = 0; i < callers; i++) {
                        told.add(one(i, requests));
                    }
                    Future.all(told).map(done -> done.<String>list()).onComplete(all);
                });
        return all.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Future<String> one(int caller, int requests) {
        List<Request> asked =
                IntStream.range(0, requests)
                        .mapToObj(i -> GateFunctions.get("k" + caller + (char) ('a' + i)))
                        .toList();
        return together.batch(asked)
                .map(answers -> String.join(" ", answers.stream().map(String::valueOf).toList()))
                .otherwise(failure -> String.valueOf(failure.getMessage()));
    }
}
