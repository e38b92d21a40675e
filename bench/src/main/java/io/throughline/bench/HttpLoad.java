package io.throughline.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * A closed loop of HTTP requests: so many connections, each sending its next request when the
 * answer to the last is there.
 */
final class HttpLoad {

    /** What a run gave. */
    record Outcome(double perSecond, Latencies latencies, long failures) {}

    private final Vertx vertx;
    private final int port;
    private final String path;
    private final String authorization;
    private final LongFunction<Buffer> bodies;

    /**
     * @param bodies the body of the n-th request
     */
    HttpLoad(
            Vertx vertx, int port, String path, String authorization, LongFunction<Buffer> bodies) {
        this.vertx = vertx;
        this.port = port;
        this.path = path;
        this.authorization = authorization;
        this.bodies = bodies;
    }

    Outcome run(int connections, Duration duration) throws InterruptedException {
        HttpClient client =
                vertx.createHttpClient(
                        new HttpClientOptions().setKeepAlive(true),
                        new PoolOptions()
                                .setHttp1MaxSize(connections)
                                .setMaxWaitQueueSize(connections));
        Run run = new Run(client, System.nanoTime() + duration.toNanos(), connections);
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            vertx.getOrCreateContext().runOnContext(ignored -> run.next());
        }
        run.done.await();
        double seconds = (System.nanoTime() - start) / 1e9;
        client.close();
        return new Outcome(run.latencies.count() / seconds, run.latencies, run.failures.get());
    }

    private final class Run {

        private final HttpClient client;
        private final long deadline;
        private final CountDownLatch done;
        private final Latencies latencies = new Latencies();
        private final AtomicLong failures = new AtomicLong();
        private final AtomicLong sent = new AtomicLong();

        Run(HttpClient client, long deadline, int connections) {
            this.client = client;
            this.deadline = deadline;
            this.done = new CountDownLatch(connections);
        }

        void next() {
            long now = System.nanoTime();
            if (now >= deadline) {
                done.countDown();
                return;
            }
            client.request(
                            new RequestOptions()
                                    .setHost("127.0.0.1")
                                    .setPort(port)
                                    .setMethod(HttpMethod.POST)
                                    .setURI(path)
                                    .putHeader("Content-Type", "application/json")
                                    .putHeader("Authorization", authorization))
                    .compose(this::exchange)
                    .onComplete(answered -> {
                        if (answered.succeeded() && answered.result() == 200) {
                            latencies.record(System.nanoTime() - now);
                        } else {
                            failures.incrementAndGet();
                        }
                        next();
                    });
        }

        private Future<Integer> exchange(HttpClientRequest request) {
            return request.send(bodies.apply(sent.getAndIncrement()))
                    .compose(response -> response.body().map(body -> response.statusCode()));
        }
    }
}
