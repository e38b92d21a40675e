package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Routes;
import io.throughline.channel.route.Route;
import io.throughline.channel.store.MessageRecords;
import io.throughline.channel.store.MessageRecords.Traffic;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The channels and their routes: health, queue, deliverability. */
@Path("/api/channels")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Roles.VIEWER)
public class ChannelResource {

    private static final Duration LATELY = Duration.ofHours(1);

    private final Routes routes;
    private final MessageRecords records;
    private final InstantSource clock;

    ChannelResource(Routes routes, MessageRecords records, InstantSource clock) {
        this.routes = routes;
        this.records = records;
        this.clock = clock;
    }

    /**
     * @param room how many more messages it takes now
     */
    public record RouteView(String name, boolean up, int room) {}

    /**
     * @param window over which the counts are taken
     * @param deliveredRate of those sent in the window; absent where none was
     */
    public record ChannelView(
            Channel channel,
            List<RouteView> routes,
            long queued,
            Duration window,
            long sent,
            long delivered,
            long failed,
            @Nullable Double deliveredRate) {}

    public record ChannelsView(List<ChannelView> items) {}

    @GET
    @Operation(summary = "Each channel with its routes, its queue and what became of what it sent")
    public Uni<ChannelsView> list() {
        return records.traffic(clock.instant(), LATELY)
                .map(traffic ->
                        new ChannelsView(
                                Arrays.stream(Channel.values())
                                        .map(channel -> view(channel, traffic))
                                        .toList()));
    }

    private ChannelView view(Channel channel, Map<Channel, Traffic> all) {
        Traffic traffic = all.getOrDefault(channel, new Traffic(0, 0, 0, 0));
        return new ChannelView(
                channel,
                routes.of(channel).stream().map(ChannelResource::view).toList(),
                traffic.queued(),
                LATELY,
                traffic.sent(),
                traffic.delivered(),
                traffic.failed(),
                traffic.sent() == 0 ? null : (double) traffic.delivered() / traffic.sent());
    }

    private static RouteView view(Route route) {
        return new RouteView(route.name(), route.up(), route.room());
    }
}
