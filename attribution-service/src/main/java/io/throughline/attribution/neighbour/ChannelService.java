package io.throughline.attribution.neighbour;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.core.http.HttpClient;
import io.vertx.mutiny.core.http.HttpClientResponse;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The channel service, which hands messages over and asks the contact gate before it does. */
@ApplicationScoped
public class ChannelService {

    private static final Logger LOG = Logger.getLogger(ChannelService.class);

    /** It may have to ask identity for what the gate has forgotten, which takes up to three. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private static final Duration CONNECTING = Duration.ofSeconds(2);
    private static final int MOST_WAITING = 64;

    private final HttpClient client;
    private final Optional<String> url;
    private final String serviceToken;

    ChannelService(
            Vertx vertx,
            @ConfigProperty(name = "throughline.channel.url") Optional<String> url,
            @ConfigProperty(name = "throughline.auth.service-token") String serviceToken) {
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions().setConnectTimeout((int) CONNECTING.toMillis()),
                        new PoolOptions().setMaxWaitQueueSize(MOST_WAITING));
        this.url = url;
        this.serviceToken = serviceToken;
    }

    /**
     * A message that might be sent.
     *
     * @param topic the consent topic; absent where the channel's consent alone counts
     * @param journey the key of the journey it would be of; absent for none
     */
    public record Question(
            CustomerId customer,
            Channel channel,
            String template,
            Category category,
            @Nullable String topic,
            @Nullable String journey) {}

    /**
     * Whether it would pass, and if not, when and why.
     *
     * @param reason of the first rule that refuses; absent where it would pass
     * @param verdicts what every rule says, in order
     * @param retryAt the earliest time at which it could pass all of them, where waiting helps
     * @param change the smallest change that would let it pass; absent where it would
     */
    public record Outlook(
            Instant at,
            boolean allowed,
            @Nullable SuppressionReason reason,
            List<Verdict> verdicts,
            int policyVersion,
            @Nullable Instant retryAt,
            @Nullable String change) {}

    /** Fails with a {@link Problem}, also where the channel service does not answer. */
    public Uni<Outlook> outlook(Question question) {
        if (url.isEmpty()) {
            LOG.warn("throughline.channel.url is not set, so nobody can be asked about now");
            return Uni.createFrom().failure(away());
        }
        return client.request(
                        new RequestOptions()
                                .setMethod(HttpMethod.POST)
                                .setAbsoluteURI(url.get() + "/internal/gate/verdicts")
                                .setTimeout(PATIENCE.toMillis())
                                .putHeader("Authorization", "Bearer " + serviceToken)
                                .putHeader("Content-Type", "application/json"))
                .chain(request -> request.send(Buffer.buffer(write(question))))
                .chain(ChannelService::answer)
                .onFailure(failure -> !(failure instanceof Problem))
                .transform(failure -> {
                    LOG.warnf("the channel service cannot be asked: %s", failure);
                    return away();
                });
    }

    private static Problem away() {
        return Problem.unavailable(
                "whether a message would pass now cannot be said: the channel service does not answer");
    }

    private static Uni<Outlook> answer(HttpClientResponse response) {
        int status = response.statusCode();
        return response.body()
                .map(body ->
                        switch (status) {
                            case 200 -> read(body);
                            case 400, 404, 410 -> throw asTold(status, body);
                            default ->
                                    throw new IllegalStateException(
                                            "the channel service answered " + status);
                        });
    }

    /** What the channel service finds wrong the caller got wrong; the names are the same. */
    private static Problem asTold(int status, Buffer body) {
        JsonNode problem = tree(body);
        String detail = problem.path("detail").asText();
        String field = problem.path("field").asText();
        return switch (status) {
            case 400 -> Problem.badRequest(field, detail);
            case 404 -> Problem.notFound(detail);
            default -> Problem.of(status, "erased", detail, List.of());
        };
    }

    private static Outlook read(Buffer body) {
        try {
            return ContractJson.mapper().readValue(body.getBytes(), Outlook.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the channel service's answer is unreadable", e);
        }
    }

    private static JsonNode tree(Buffer body) {
        try {
            return ContractJson.mapper().readTree(body.getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the channel service's answer is unreadable", e);
        }
    }

    private static byte[] write(Question question) {
        try {
            return ContractJson.mapper().writeValueAsBytes(question);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
