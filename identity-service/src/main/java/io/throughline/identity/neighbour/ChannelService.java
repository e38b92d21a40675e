package io.throughline.identity.neighbour;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.governance.ConsentWrite;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
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
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The channel service, which knows whose message a link stood in, and who was sent what. */
@ApplicationScoped
public class ChannelService {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration LONG_PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_WAITING = 256;

    /** That a question may be about. */
    private static final int MOST_CUSTOMERS = 1_000;

    private final HttpClient client;
    private final Optional<String> url;
    private final String serviceToken;

    ChannelService(
            Vertx vertx,
            @ConfigProperty(name = "throughline.channel.url") Optional<String> url,
            @ConfigProperty(name = "throughline.auth.service-token") String serviceToken) {
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions().setConnectTimeout((int) PATIENCE.toMillis()),
                        new PoolOptions().setMaxWaitQueueSize(MOST_WAITING));
        this.url = url;
        this.serviceToken = serviceToken;
    }

    /**
     * The message that a link stood in.
     *
     * @param customer whom it was sent to, by the id she had then
     * @param address whom it went to, as the channel addresses people
     * @param sentAt when it went, or was asked for where that is not known
     */
    public record LinkedMessage(
            MessageId message,
            CustomerId customer,
            Channel channel,
            String address,
            Instant sentAt) {}

    /**
     * The message behind a click token; a null item where the token is not genuine. Fails where the
     * channel service does not answer.
     */
    public Uni<@Nullable LinkedMessage> behind(String token) {
        return ask(new JsonObject().put("token", token));
    }

    /** The same of the link to the preference centre. */
    public Uni<@Nullable LinkedMessage> behindPreferences(String token) {
        return ask(new JsonObject().put("token", token).put("purpose", "preferences"));
    }

    /**
     * Has the gate given what the channel service knows of customers; fails where it cannot.
     *
     * @param idsOf of some of them all the ids that are theirs
     */
    public Uni<Void> hydrateGate(
            List<CustomerId> customers, Map<CustomerId, Set<CustomerId>> idsOf) {
        return post(
                        "/internal/gate/hydrate",
                        ids(customers).put("permissions", false).put("idsOf", json(idsOf)),
                        LONG_PATIENCE)
                .chain(response -> response.body().invoke(body -> succeeded(response)))
                .replaceWithVoid();
    }

    private record OptOuts(List<OptOut> optOuts) {}

    private record OptOut(CustomerId customer, Channel channel, String address, Instant at) {

        ConsentWrite consent() {
            return new ConsentWrite(customer, address, channel, null, ConsentState.OPTED_OUT, at);
        }
    }

    /**
     * The opt-outs that customers gave to the channel service, whether we have read of them or not;
     * fails where it cannot tell.
     */
    public Uni<List<ConsentWrite>> optOuts(Collection<CustomerId> customers) {
        return Multi.createFrom()
                .iterable(customers)
                .group()
                .intoLists()
                .of(MOST_CUSTOMERS)
                .onItem()
                .transformToUniAndConcatenate(this::portion)
                .collect()
                .asList()
                .map(lists -> lists.stream().flatMap(List::stream).toList());
    }

    private Uni<List<ConsentWrite>> portion(List<CustomerId> customers) {
        return post("/internal/opt-outs", ids(customers), PATIENCE)
                .chain(response -> response.body().map(body -> optOuts(response, body)));
    }

    private static List<ConsentWrite> optOuts(HttpClientResponse response, Buffer body) {
        succeeded(response);
        try {
            return ContractJson.mapper()
                    .readValue(body.getBytes(), OptOuts.class)
                    .optOuts()
                    .stream()
                    .map(OptOut::consent)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the channel service's answer is unreadable", e);
        }
    }

    private static JsonObject json(Map<CustomerId, Set<CustomerId>> idsOf) {
        JsonObject json = new JsonObject();
        idsOf.forEach((customer, ids) ->
                json.put(customer.toString(), ids.stream().map(CustomerId::toString).toList()));
        return json;
    }

    private static JsonObject ids(Collection<CustomerId> customers) {
        JsonArray ids = new JsonArray();
        customers.forEach(customer -> ids.add(customer.toString()));
        return new JsonObject().put("customers", ids);
    }

    private static void succeeded(HttpClientResponse response) {
        if (response.statusCode() / 100 != 2) {
            throw new SurroundingsFault("the channel service answered " + response.statusCode());
        }
    }

    private Uni<@Nullable LinkedMessage> ask(JsonObject question) {
        return post("/internal/links", question, PATIENCE).chain(ChannelService::answer);
    }

    private Uni<HttpClientResponse> post(String path, JsonObject body, Duration patience) {
        if (url.isEmpty()) {
            return Uni.createFrom()
                    .failure(new IllegalStateException("throughline.channel.url is not set"));
        }
        return client.request(
                        new RequestOptions()
                                .setMethod(HttpMethod.POST)
                                .setAbsoluteURI(url.get() + path)
                                .setTimeout(patience.toMillis())
                                .putHeader("Authorization", "Bearer " + serviceToken)
                                .putHeader("Content-Type", "application/json"))
                .chain(request -> request.send(body.encode()));
    }

    private static Uni<@Nullable LinkedMessage> answer(HttpClientResponse response) {
        return switch (response.statusCode()) {
            case 200 -> response.body().map(ChannelService::read);
            case 404 -> response.body().replaceWith((LinkedMessage) null);
            default ->
                    Uni.createFrom()
                            .failure(
                                    new IllegalStateException(
                                            "the channel service answered "
                                                    + response.statusCode()));
        };
    }

    private static LinkedMessage read(Buffer body) {
        try {
            return ContractJson.mapper().readValue(body.getBytes(), LinkedMessage.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the channel service's answer is unreadable", e);
        }
    }
}
