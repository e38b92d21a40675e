package io.throughline.governance.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisCluster;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where the functions run. */
interface Nodes {

    /** Answers stand in the order of the requests; one that fails fails them all. */
    Future<List<@Nullable Response>> batch(List<Request> requests);

    /** Runs a command wherever a key may be; one answer of each server. */
    Future<List<@Nullable Response>> everywhere(Request request);

    /** The same, which sends together what is asked together, where that makes nobody wait. */
    default Nodes together(Vertx vertx) {
        return this;
    }

    static Nodes of(Redis redis, boolean cluster) {
        return cluster ? new Cluster(redis, RedisCluster.create(redis)) : new OneServer(redis);
    }

    record OneServer(Redis redis) implements Nodes {

        @Override
        public Nodes together(Vertx vertx) {
            return new Together(this, vertx);
        }

        @Override
        public Future<List<@Nullable Response>> batch(List<Request> requests) {
            return redis.batch(requests);
        }

        @Override
        public Future<List<@Nullable Response>> everywhere(Request request) {
            return redis.send(request).map(Collections::singletonList);
        }
    }

    /**
     * A batch is one round trip to each master that is asked. While a slot moves, what its master
     * refuses is sent one by one, which follows each key to where it is: the client would send the
     * whole batch after the first key that moved. What ran already runs again, which the functions
     * allow. Callers are not put together: one master that does not answer would make those wait
     * who asked another.
     */
    record Cluster(Redis redis, RedisCluster cluster) implements Nodes {

        /**
         * What a master says of a key that it has not, or not alone; and what the client says where
         * the slots changed between the grouping and the sending.
         */
        private static final Pattern MOVES =
                Pattern.compile("\\b(MOVED|ASK|TRYAGAIN|CROSSSLOT)\\b");

        @Override
        public Future<List<@Nullable Response>> batch(List<Request> requests) {
            return cluster.groupByNodes(requests)
                    .compose(groups -> {
                        IdentityHashMap<Request, @Nullable Response> answers =
                                new IdentityHashMap<>();
                        List<Future<?>> sent = new ArrayList<>(groups.size());
                        for (List<Request> group : groups) {
                            sent.add(group(group, answers));
                        }
                        return Future.join(sent).map(done -> inOrder(requests, answers));
                    });
        }

        private Future<Void> group(
                List<Request> requests, IdentityHashMap<Request, @Nullable Response> answers) {
            return redis.batch(requests)
                    .recover(failure ->
                            moves(failure) ? oneByOne(requests) : Future.failedFuture(failure))
                    .map(responses -> {
                        synchronized (answers) {
                            for (int i = 0; i < responses.size(); i++) {
                                answers.put(requests.get(i), responses.get(i));
                            }
                        }
                        return null;
                    });
        }

        private Future<List<Response>> oneByOne(List<Request> requests) {
            return Future.all(requests.stream().map(redis::send).toList())
                    .map(all -> all.<Response>list());
        }

        private static boolean moves(Throwable failure) {
            return MOVES.matcher(String.valueOf(failure.getMessage())).find();
        }

        private static List<@Nullable Response> inOrder(
                List<Request> requests, IdentityHashMap<Request, @Nullable Response> answers) {
            synchronized (answers) {
                @Nullable Response[] ordered = new @Nullable Response[requests.size()];
                for (int i = 0; i < ordered.length; i++) {
                    ordered[i] = answers.get(requests.get(i));
                }
                return Arrays.asList(ordered);
            }
        }

        @Override
        public Future<List<@Nullable Response>> everywhere(Request request) {
            return cluster.onAllMasterNodes(request).map(all -> List.copyOf(all));
        }
    }
}
