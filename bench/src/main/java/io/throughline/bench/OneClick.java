package io.throughline.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Unsubscribes as a mailbox provider does for its user, by RFC 8058. */
final class OneClick {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    /**
     * Returns when it is acknowledged.
     *
     * @throws UncheckedIOException when nobody answers
     * @throws IllegalStateException when it is refused
     */
    void post(URI link) {
        try {
            int status =
                    http.send(
                                    HttpRequest.newBuilder(link)
                                            .timeout(PATIENCE)
                                            .header(
                                                    "Content-Type",
                                                    "application/x-www-form-urlencoded")
                                            .POST(
                                                    BodyPublishers.ofString(
                                                            "List-Unsubscribe=One-Click"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode();
            if (status / 100 != 2) {
                throw new IllegalStateException("unsubscribing was answered with " + status);
            }
        } catch (IOException unreachable) {
            throw new UncheckedIOException(unreachable);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(ending);
        }
    }
}
