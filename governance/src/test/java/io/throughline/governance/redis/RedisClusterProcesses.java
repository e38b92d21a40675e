package io.throughline.governance.redis;

import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;

/** Three real masters of a Redis Cluster on the loopback interface, a third of the slots each. */
final class RedisClusterProcesses implements AutoCloseable {

    static final int SLOTS = 16384;
    private static final Duration RETENTION = Duration.ofDays(30);

    private final Vertx vertx = Vertx.vertx();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Redis> clients = new ArrayList<>();

    /**
     * @param direct a client that talks to this one only
     */
    record Node(RedisServer server, int port, Redis direct, String id) {

        Response ask(Request request) {
            return Reply.present(join(direct.send(request)));
        }
    }

    RedisClusterProcesses(Path directory) {
        int share = SLOTS / 3 + 1;
        for (int i = 0; i < 3; i++) {
            Node node = start(directory);
            node.ask(
                    Request.cmd(Command.CLUSTER)
                            .arg("ADDSLOTSRANGE")
                            .arg(i * share)
                            .arg(Math.min(SLOTS, (i + 1) * share) - 1));
            nodes.add(node);
        }
        for (Node other : nodes.subList(1, 3)) {
            nodes.getFirst()
                    .ask(
                            Request.cmd(Command.CLUSTER)
                                    .arg("MEET")
                                    .arg("127.0.0.1")
                                    .arg(other.port())
                                    .arg(busPort(other.port())));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> nodes.stream().allMatch(this::isWhole));
    }

    private Node start(Path directory) {
        int port = freePort();
        RedisServer server =
                RedisServer.builder()
                        .bind("127.0.0.1")
                        .port(port)
                        .setting("save \"\"")
                        .setting("appendonly no")
                        .setting("cluster-enabled yes")
                        .setting("cluster-config-file " + file(directory, port))
                        .setting("cluster-node-timeout 5000")
                        .build();
        server.start();
        Redis direct = Redis.createClient(vertx, "redis://127.0.0.1:" + port);
        String id =
                Reply.present(join(direct.send(Request.cmd(Command.CLUSTER).arg("MYID"))))
                        .toString();
        return new Node(server, port, direct, id);
    }

    private boolean isWhole(Node node) {
        String info = node.ask(Request.cmd(Command.CLUSTER).arg("INFO")).toString();
        return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3");
    }

    /** A gate of its own process, as far as the servers can tell. */
    RedisGate gate() {
        Redis client =
                Redis.createClient(
                        vertx,
                        new RedisOptions()
                                .setType(RedisClientType.CLUSTER)
                                .addConnectionString("redis://127.0.0.1:" + nodes.getFirst().port())
                                .setMaxPoolSize(8)
                                .setMaxPoolWaiting(4096)
                                .setMaxWaitingHandlers(16384));
        clients.add(client);
        return new RedisGate(
                new GateFunctions(vertx, Nodes.of(client, true), Duration.ofSeconds(10)),
                new RedisGate.Times(RedisProcess.LEASE, RedisProcess.PATIENCE, RETENTION),
                InstantSource.system(),
                false);
    }

    List<Node> nodes() {
        return nodes;
    }

    int slotOf(String key) {
        return number(nodes.getFirst().ask(Request.cmd(Command.CLUSTER).arg("KEYSLOT").arg(key)));
    }

    int ownerOf(int slot) {
        Response ranges = nodes.getFirst().ask(Request.cmd(Command.CLUSTER).arg("SLOTS"));
        for (Response range : ranges) {
            if (number(range.get(0)) <= slot && slot <= number(range.get(1))) {
                int port = number(range.get(2).get(1));
                for (int i = 0; i < nodes.size(); i++) {
                    if (nodes.get(i).port() == port) {
                        return i;
                    }
                }
            }
        }
        throw new IllegalStateException("slot " + slot + " belongs to nobody");
    }

    /** Moves a slot with what is in it, key by key, as redis-cli's reshard does. */
    void move(int slot, Node from, Node to) {
        to.ask(setSlot(slot, "IMPORTING", from.id()));
        from.ask(setSlot(slot, "MIGRATING", to.id()));
        Request keys = Request.cmd(Command.CLUSTER).arg("GETKEYSINSLOT").arg(slot).arg(1);
        for (Response left = from.ask(keys); left.size() > 0; left = from.ask(keys)) {
            for (Response key : left) {
                from.ask(
                        Request.cmd(Command.MIGRATE)
                                .arg("127.0.0.1")
                                .arg(to.port())
                                .arg(key.toBytes())
                                .arg(0)
                                .arg(5000));
            }
        }
        to.ask(setSlot(slot, "NODE", to.id()));
        from.ask(setSlot(slot, "NODE", to.id()));
    }

    private static Request setSlot(int slot, String state, String node) {
        return Request.cmd(Command.CLUSTER).arg("SETSLOT").arg(slot).arg(state).arg(node);
    }

    @Override
    public void close() {
        clients.forEach(Redis::close);
        nodes.forEach(node -> {
            node.direct().close();
            node.server().stop();
        });
        join(vertx.close());
    }

    private static int number(Response response) {
        return Integer.parseInt(response.toString());
    }

    private static <T extends @Nullable Object> T join(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static Path file(Path directory, int port) {
        try {
            return Files.createDirectories(directory).resolve("nodes-" + port + ".conf");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int busPort(int port) {
        return port + 10000;
    }

    /** One whose bus port, which is 10000 more, is free too. */
    private static int freePort() {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                int port = socket.getLocalPort();
                if (port < 55000 && isFree(busPort(port))) {
                    return port;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
