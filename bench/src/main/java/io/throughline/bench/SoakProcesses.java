package io.throughline.bench;

import io.throughline.local.Service;
import io.throughline.local.infrastructure.EmbeddedRedis;
import io.throughline.local.infrastructure.Home;
import io.throughline.local.infrastructure.Ports;
import io.throughline.local.infrastructure.Tethered;
import io.throughline.local.launcher.StackProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Two processes of each service on the same infrastructure, and what befalls them. */
final class SoakProcesses {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** On a busy machine they come back more slowly than they are killed. */
    private static final int MOST_DOWN = 2;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final byte[] SHUTDOWN = "SHUTDOWN NOSAVE\r\n".getBytes(StandardCharsets.UTF_8);

    /** One of the eight. */
    private record Target(Service service, boolean second) {}

    private final Workbench bench;
    private final StackProcess stack;
    private final Home home;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Service, Integer> ports = new EnumMap<>(Service.class);
    private final Map<Service, Tethered> seconds = new ConcurrentHashMap<>();
    private final Set<Target> down = ConcurrentHashMap.newKeySet();
    private final List<Service> killed = new ArrayList<>();
    private final AtomicInteger notBack = new AtomicInteger();
    private final AtomicInteger emptied = new AtomicInteger();
    private final List<Thread> killing = new ArrayList<>();

    /**
     * @param home for a Redis that is started in the place of another
     */
    SoakProcesses(Workbench bench, StackProcess stack, Home home) {
        this.bench = bench;
        this.stack = stack;
        this.home = home;
        for (Service service : Service.values()) {
            ports.put(service, Ports.free());
        }
    }

    void startSeconds() throws InterruptedException {
        for (Service service : Service.values()) {
            startSecond(service);
        }
        for (Service service : Service.values()) {
            awaitReady(service);
        }
    }

    /** Every door of a service; the gateway stands before the first only. */
    List<URI> doors(Service service) {
        return List.of(
                URI.create("http://127.0.0.1:" + stack.port(service)),
                URI.create("http://127.0.0.1:" + port(service)));
    }

    /** How often a process of the service was killed. */
    int kills(Service service) {
        return Collections.frequency(killed, service);
    }

    int notBack() {
        return notBack.get();
    }

    int emptied() {
        return emptied.get();
    }

    /**
     * Kills one of those that are up, as a power cut would, and starts it again meanwhile; nobody
     * where so many are down already that nothing would be left to be soaked.
     */
    void killOne(RandomGenerator random) {
        if (down.size() >= MOST_DOWN) {
            return;
        }
        List<Target> up = new ArrayList<>();
        for (Service service : Service.values()) {
            up.add(new Target(service, false));
            up.add(new Target(service, true));
        }
        up.removeAll(down);
        Target target = up.get(random.nextInt(up.size()));
        down.add(target);
        killed.add(target.service());
        killing.add(Thread.ofVirtual().start(() -> kill(target)));
    }

    private void kill(Target target) {
        try {
            if (target.second()) {
                Tethered running = seconds.get(target.service());
                if (running != null) {
                    running.handle().destroyForcibly();
                    running.stop(PATIENCE);
                }
                startSecond(target.service());
                awaitReady(target.service());
            } else {
                stack.kill(target.service());
            }
            down.remove(target);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException gone) {
            if (!bench.isEnding()) {
                notBack.incrementAndGet();
                bench.say("%s did not come back: %s".formatted(target, gone.getMessage()));
            }
        }
    }

    /** Returns when all are up again. */
    void allBack() throws InterruptedException {
        for (Thread each : killing) {
            each.join();
        }
    }

    /** Redis loses everything, and another one is there a moment later. */
    void emptyRedis() throws InterruptedException {
        int port = URI.create(stack.settings().redis()).getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(SHUTDOWN);
            // Its end is the end of the stream.
            var _ = socket.getInputStream().readAllBytes();
        } catch (IOException gone) {
            bench.say("Redis went: %s".formatted(gone.getMessage()));
        }
        while (!Ports.isFree(port)) {
            Thread.sleep(LOOK_AGAIN);
        }
        var _ = bench.keep(EmbeddedRedis.start(home, port));
        emptied.incrementAndGet();
    }

    private void startSecond(Service service) {
        Map<String, String> environment = new HashMap<>(stack.environment(service));
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port(service)));
        environment.replaceAll((name, value) -> amongSeconds(value));
        seconds.put(
                service,
                bench.started(
                        stack.application(service.module(), environment), Duration.ofSeconds(5)));
    }

    /** What asks another service asks its second, so that no kill of the first is felt by all. */
    private String amongSeconds(String address) {
        for (Service service : Service.values()) {
            if (address.equals("http://localhost:" + stack.port(service))) {
                return "http://localhost:" + port(service);
            }
        }
        return address;
    }

    private int port(Service service) {
        return ports.getOrDefault(service, 0);
    }

    private void awaitReady(Service service) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isReady(port(service))) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the second of %s is not ready".formatted(service));
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private boolean isReady(int port) throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            "http://127.0.0.1:%d/q/health/ready"
                                                                    .formatted(port)))
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
