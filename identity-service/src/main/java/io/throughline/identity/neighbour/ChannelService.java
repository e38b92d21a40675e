package io.throughline.identity.neighbour;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.ContractJson;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
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
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The channel service, which knows whose message a link stood in. */
@ApplicationScoped
public class ChannelService {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int MOST_WAITING = 256;

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

    private Uni<@Nullable LinkedMessage> ask(JsonObject question) {
        if (url.isEmpty()) {
            return Uni.createFrom()
                    .failure(new IllegalStateException("throughline.channel.url is not set"));
        }
        return client.request(
                        new RequestOptions()
                                .setMethod(HttpMethod.POST)
                                .setAbsoluteURI(url.get() + "/internal/links")
                                .setTimeout(PATIENCE.toMillis())
                                .putHeader("Authorization", "Bearer " + serviceToken)
                                .putHeader("Content-Type", "application/json"))
                .chain(request -> request.send(question.encode()))
                .chain(ChannelService::answer);
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
