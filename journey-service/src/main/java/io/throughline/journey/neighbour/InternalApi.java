package io.throughline.journey.neighbour;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.json.ContractJson;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.ext.web.client.HttpResponse;
import io.vertx.mutiny.ext.web.client.WebClient;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** POSTs JSON to an internal route of another service, showing the service token. */
@ApplicationScoped
class InternalApi {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final WebClient client;
    private final String serviceToken;

    InternalApi(
            Vertx vertx,
            @ConfigProperty(name = "throughline.auth.service-token") String serviceToken) {
        this.client = WebClient.create(vertx);
        this.serviceToken = serviceToken;
    }

    /**
     * Fails with an {@link IOException} when there is no answer in 3 seconds or it is not a 2xx.
     */
    Uni<Buffer> post(URI service, String path, Object body) {
        return client.postAbs(service.resolve(path).toString())
                .bearerTokenAuthentication(serviceToken)
                .putHeader("Content-Type", "application/json")
                .timeout(PATIENCE.toMillis())
                .sendBuffer(Buffer.buffer(write(body)))
                .onFailure()
                .transform(failure -> new IOException(service + path + " does not answer", failure))
                .map(response -> successful(service + path, response));
    }

    private static byte[] write(Object body) {
        try {
            return ContractJson.mapper().writeValueAsBytes(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Buffer successful(String route, HttpResponse<Buffer> response) {
        if (response.statusCode() / 100 != 2) {
            throw new UncheckedIOException(
                    new IOException(route + " answered " + response.statusCode()));
        }
        Buffer body = response.body();
        return body == null ? Buffer.buffer() : body;
    }
}
