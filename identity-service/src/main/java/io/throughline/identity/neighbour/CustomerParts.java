package io.throughline.identity.neighbour;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.core.http.HttpClient;
import io.vertx.mutiny.core.http.HttpClientResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** What the other services know of a customer. */
@ApplicationScoped
public class CustomerParts {

    /** All that keep something, in the order in which it is told. */
    public static final List<String> SERVICES = List.of("journey", "channel", "attribution");

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int TOO_LARGE = 413;

    private final HttpClient client;
    private final Config config;

    CustomerParts(Vertx vertx, Config config) {
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions().setConnectTimeout((int) PATIENCE.toMillis()));
        this.config = config;
    }

    /**
     * Everything that a service knows of a customer.
     *
     * @param customers her id and those that were merged into her
     * @throws Problem 503 (as a failure) naming the service where it cannot be had, 413 where it is
     *     too much
     */
    public Uni<JsonNode> of(String service, List<CustomerId> customers) {
        JsonArray ids = new JsonArray();
        customers.forEach(customer -> ids.add(customer.toString()));
        return Uni.createFrom()
                .deferred(() -> client.request(request(service)))
                .chain(request -> request.send(new JsonObject().put("ids", ids).encode()))
                .chain(response -> response.body().map(body -> read(service, response, body)))
                .onFailure(failure -> !(failure instanceof Problem))
                .transform(failure -> away(service));
    }

    private RequestOptions request(String service) {
        String url = config.getValue("throughline." + service + ".url", String.class);
        String token = config.getValue("throughline.auth.service-token", String.class);
        return new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(url + "/internal/export")
                .setTimeout(PATIENCE.toMillis())
                .putHeader("Authorization", "Bearer " + token)
                .putHeader("Content-Type", "application/json");
    }

    private static JsonNode read(String service, HttpClientResponse response, Buffer body) {
        return switch (response.statusCode()) {
            case 200 -> parsed(body);
            case TOO_LARGE ->
                    throw Problem.tooLarge(
                            "the "
                                    + service
                                    + " service knows more of this customer than fits into one document");
            default -> throw away(service);
        };
    }

    private static JsonNode parsed(Buffer body) {
        try {
            return ContractJson.mapper().readTree(body.getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("a service's answer is unreadable", e);
        }
    }

    private static Problem away(String service) {
        return Problem.unavailable(
                "the "
                        + service
                        + " service cannot be asked now, and without its part the export would not be"
                        + " everything");
    }
}
