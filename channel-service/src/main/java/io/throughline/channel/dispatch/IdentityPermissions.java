package io.throughline.channel.dispatch;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.http.HttpClient;
import io.vertx.mutiny.core.http.HttpClientResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Asks the identity service, which keeps the consents, to give the gate what it knows. */
@ApplicationScoped
class IdentityPermissions implements Permissions {

    private static final int TIMEOUT_MILLIS = 3_000;

    private final HttpClient client;
    private final String url;
    private final String token;

    IdentityPermissions(
            Vertx vertx,
            @ConfigProperty(name = "throughline.identity.url") String identity,
            @ConfigProperty(name = "throughline.auth.service-token") String token) {
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setConnectTimeout(TIMEOUT_MILLIS)
                                .setMaxWaitQueueSize(64));
        this.url = identity + "/internal/gate/hydrate";
        this.token = token;
    }

    @Override
    public Uni<Map<CustomerId, Set<CustomerId>>> hydrate(Set<CustomerId> customers) {
        JsonArray ids = new JsonArray();
        customers.forEach(customer -> ids.add(customer.toString()));
        return client.request(
                        new RequestOptions()
                                .setMethod(HttpMethod.POST)
                                .setAbsoluteURI(url)
                                .setTimeout(TIMEOUT_MILLIS)
                                .putHeader("Authorization", "Bearer " + token)
                                .putHeader("Content-Type", "application/json"))
                .chain(request -> request.send(new JsonObject().put("customers", ids).encode()))
                .chain(IdentityPermissions::answered);
    }

    private static Uni<Map<CustomerId, Set<CustomerId>>> answered(HttpClientResponse response) {
        int status = response.statusCode();
        return status / 100 == 2
                ? response.body().map(body -> idsOf(body.toString()))
                : Uni.createFrom()
                        .failure(
                                new IllegalStateException(
                                        "the identity service answered " + status));
    }

    private static Map<CustomerId, Set<CustomerId>> idsOf(String body) {
        Map<CustomerId, Set<CustomerId>> idsOf = new HashMap<>();
        if (!body.isEmpty()) {
            JsonObject told = new JsonObject(body).getJsonObject("idsOf", new JsonObject());
            for (String customer : told.fieldNames()) {
                idsOf.put(
                        CustomerId.of(customer),
                        told.getJsonArray(customer).stream()
                                .map(id -> CustomerId.of(id.toString()))
                                .collect(Collectors.toSet()));
            }
        }
        return idsOf;
    }
}
