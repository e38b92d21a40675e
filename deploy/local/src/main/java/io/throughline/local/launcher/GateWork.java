package io.throughline.local.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.local.LocalSettings;
import io.throughline.local.infrastructure.StartFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The gate of the running stack, rebuilt from the ledgers or compared with them, with progress. */
final class GateWork {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long EVERY_MILLIS = 500;

    /** Something is said at least this often, changed or not. */
    private static final Duration SILENT_AT_MOST = Duration.ofSeconds(2);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();
    private final URI gateway;
    private final Progress progress;

    GateWork(URI gateway, Progress progress) {
        this.gateway = gateway;
        this.progress = progress;
    }

    /** What is done. */
    enum Kind {
        REBUILD("/api/gate/rebuilds"),
        VERIFICATION("/api/gate/verifications");

        private final String path;

        Kind(String path) {
            this.path = path;
        }
    }

    /**
     * Does it and waits for its end.
     *
     * @return whether the gate answers as the ledgers say
     */
    boolean run(Kind kind) {
        JsonNode work = send("POST", kind.path);
        String address = kind.path + "/" + work.path("id").asText();
        String told = "";
        long toldAt = System.nanoTime();
        while (!work.hasNonNull("finishedAt")) {
            String line = line(work);
            boolean silent =
                    System.nanoTime() - toldAt > SILENT_AT_MOST.minusMillis(EVERY_MILLIS).toNanos();
            if (silent || !line.replaceAll("[0-9]", "").equals(told.replaceAll("[0-9]", ""))) {
                progress.step(line);
                told = line;
                toldAt = System.nanoTime();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS));
            work = send("GET", address);
        }
        long differences = work.path("differences").asLong();
        progress.step(
                "%d customers and %d addresses written, %d customers compared with the ledgers"
                        .formatted(
                                work.path("customers").asLong(),
                                work.path("addresses").asLong(),
                                work.path("verified").asLong()));
        long unknown = work.path("unknown").asLong();
        if (unknown > 0) {
            progress.say(
                    "The gate holds nothing of %d customers, as after a restart: each is hydrated before anything is sent. ./throughline rebuild-gate brings all of them in now."
                            .formatted(unknown));
        }
        if (differences == 0) {
            progress.say(
                    unknown > 0
                            ? "Of all others it answers as the ledgers say."
                            : "The gate answers as the ledgers say.");
            return true;
        }
        progress.say(
                "The gate answers otherwise than the ledgers say in %d cases; the first of them:"
                        .formatted(differences));
        for (JsonNode difference : work.path("found")) {
            progress.say(
                    "  %s  %s: the ledger says %s, the gate %s"
                            .formatted(
                                    difference.path("customer").asText("no customer"),
                                    difference.path("about").asText(),
                                    difference.path("ledger").asText(),
                                    difference.path("gate").asText()));
        }
        return false;
    }

    private static String line(JsonNode work) {
        String phase = work.path("phase").asText().replace('-', ' ');
        long total = Math.max(1, work.path("total").asLong());
        return switch (phase) {
            case "writing customers" ->
                    phase + " " + percent(work.path("customers").asLong(), total);
            case "verifying customers" ->
                    phase + " " + percent(work.path("verified").asLong(), total);
            default -> phase;
        };
    }

    private static String percent(long done, long total) {
        long all = Math.max(done, total);
        return "%d %%, %d of %d".formatted(done * 100 / Math.max(1, all), done, all);
    }

    private JsonNode send(String method, String path) {
        try {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(gateway.resolve(path))
                                    .timeout(Duration.ofSeconds(20))
                                    .header("Authorization", "Bearer " + LocalSettings.ADMIN_TOKEN)
                                    .method(method, BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new StartFailure(
                        "%s %s was answered with %d: %s"
                                .formatted(method, path, response.statusCode(), response.body()));
            }
            return JSON.readTree(response.body());
        } catch (IOException refused) {
            throw new StartFailure(
                    "Throughline is not up at %s: start it first with ./throughline up --detach."
                            .formatted(gateway),
                    refused);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("Interrupted; the work goes on.", interrupted);
        }
    }
}
