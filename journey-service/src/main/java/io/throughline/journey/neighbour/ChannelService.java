package io.throughline.journey.neighbour;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.journey.definition.JourneyDocument.PossibleSend;
import io.throughline.journey.preview.Attempt;
import io.vertx.mutiny.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The channel service, which has the routes, the templates and the send ledger. */
@ApplicationScoped
public class ChannelService {

    private final InternalApi api;
    private final URI url;

    ChannelService(InternalApi api, @ConfigProperty(name = "throughline.channel.url") URI url) {
        this.api = api;
        this.url = url;
    }

    /**
     * A send that could not be made.
     *
     * @param path of the send step, as it was asked
     * @param reason {@code no_route} or {@code no_template}
     * @param detail for the person who wrote the journey
     */
    public record Refusal(
            String path, Channel channel, String template, String reason, String detail) {}

    /** As many as the route takes at once. */
    private static final int MOST = 1000;

    private record Sends(List<PossibleSend> sends) {}

    private record Hydration(List<CustomerId> customers) {}

    private record HistoryOf(List<CustomerId> customers, Instant from, Instant to) {}

    private record Attempts(List<Attempt> attempts) {}

    private record Refusals(List<Refusal> refusals) {}

    /** Which of these sends have no route or no template; empty where all can be made. */
    public Uni<List<Refusal>> refusals(List<PossibleSend> sends) {
        return sends.isEmpty()
                ? Uni.createFrom().item(List.of())
                : api.post(url, "/internal/sendability", new Sends(sends))
                        .map(body -> read(body, Refusals.class).refusals());
    }

    /**
     * Has the gate told all that the ledgers know of these customers: permissions, opt-outs and
     * contacts.
     */
    public Uni<Void> hydrate(List<CustomerId> customers) {
        return Multi.createFrom()
                .iterable(customers)
                .group()
                .intoLists()
                .of(MOST)
                .onItem()
                .transformToUniAndConcatenate(this::hydrateSome)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> hydrateSome(List<CustomerId> customers) {
        return api.post(url, "/internal/gate/hydrate", new Hydration(customers)).replaceWithVoid();
    }

    /**
     * What was ready to go to these customers in [from, to), of each by time and message.
     *
     * @param customers at most 200
     */
    public Uni<List<Attempt>> contactHistory(List<CustomerId> customers, Instant from, Instant to) {
        return api.post(url, "/internal/contact-history", new HistoryOf(customers, from, to))
                .map(body -> read(body, Attempts.class).attempts());
    }

    private static <T> T read(Buffer body, Class<T> type) {
        try {
            return ContractJson.mapper().readValue(body.getBytes(), type);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException("the channel service's answer is unreadable", e));
        }
    }
}
