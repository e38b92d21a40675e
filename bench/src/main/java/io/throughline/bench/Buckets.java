package io.throughline.bench;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Token buckets of bucket4j in Redis, one a customer, with a bandwidth for each of three caps.
 *
 * <p>As fast as they go: asynchronous proxies over lettuce, which pipelines what they ask, by
 * comparing and swapping, the one way this client has. Each customer's proxy is made once and kept,
 * and only asked for yes or no. Not with bucket4j's batching: it unites requests for the same
 * bucket, and no customer is asked about twice at once.
 */
final class Buckets implements AutoCloseable {

    private static final String PREFIX = "bucket:";

    /** Beyond the time in which a bucket is full again, when it may as well be a new one. */
    private static final Duration KEPT = Duration.ofHours(1);

    private static final String COPY =
            """
            for i = 1, tonumber(ARGV[1]) - 1 do
              redis.call('SET', KEYS[1] .. i, ARGV[2], 'PX', ARGV[3])
            end
            return 1
            """;

    private static final BucketConfiguration THREE_BANDWIDTHS =
            BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(2).refillGreedy(2, Duration.ofDays(1)))
                    .addLimit(limit -> limit.capacity(5).refillGreedy(5, Duration.ofDays(7)))
                    .addLimit(limit -> limit.capacity(12).refillGreedy(12, Duration.ofDays(30)))
                    .build();

    private static final CompletableFuture<BucketConfiguration> CONFIGURED =
            CompletableFuture.completedFuture(THREE_BANDWIDTHS);

    private final ClientResources resources;
    private final RedisClient client;
    private final List<StatefulRedisConnection<String, byte[]>> connections;
    private final List<AsyncBucketProxy> proxies;

    /**
     * @param url of Redis
     * @param customers how many there are
     * @param connections how many to use, each with a share of the customers
     */
    Buckets(String url, int customers, int connections, int eventLoops) {
        this.resources = ClientResources.builder().ioThreadPoolSize(eventLoops).build();
        this.client = RedisClient.create(resources, url);
        this.connections =
                IntStream.range(0, connections)
                        .mapToObj(i ->
                                client.connect(
                                        RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE)))
                        .toList();
        List<AsyncProxyManager<String>> managers =
                this.connections.stream().map(Buckets::manager).toList();
        this.proxies =
                IntStream.range(0, customers)
                        .mapToObj(i ->
                                managers.get(i % connections)
                                        .builder()
                                        .build(PREFIX + i, () -> CONFIGURED))
                        .toList();
    }

    private static AsyncProxyManager<String> manager(
            StatefulRedisConnection<String, byte[]> connection) {
        return Bucket4jLettuce.casBasedBuilder(connection)
                .expirationAfterWrite(
                        ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT))
                .build()
                .asAsync();
    }

    /** Full buckets for all customers: bucket4j writes one, and Redis copies it. */
    void fill() {
        RedisCommands<String, byte[]> redis = connections.getFirst().sync();
        redis.del(PREFIX + 0);
        proxies.getFirst().getAvailableTokens().join();
        byte[] full = redis.get(PREFIX + 0);
        if (full == null) {
            throw new IllegalStateException("bucket4j wrote no bucket");
        }
        var _ =
                redis.eval(
                        COPY,
                        ScriptOutputType.INTEGER,
                        new String[] {PREFIX},
                        ascii(proxies.size()),
                        full,
                        ascii(redis.pttl(PREFIX + 0)));
    }

    private static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether a message may go to the n-th customer; if so, it counts. */
    CompletableFuture<Boolean> consumed(int n) {
        return proxies.get(n).tryConsume(1);
    }

    /** What Redis takes for one customer. */
    long bytesOfOne() {
        Long bytes = connections.getFirst().sync().memoryUsage(PREFIX + 0);
        return bytes == null ? 0 : bytes;
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        var _ = resources.shutdown(0, 2, TimeUnit.SECONDS);
    }
}
