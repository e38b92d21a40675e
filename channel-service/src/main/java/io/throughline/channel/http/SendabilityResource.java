package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Routes;
import io.throughline.channel.store.Templates;
import io.throughline.channel.store.Templates.Source;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Channel;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells the journey service whether a journey's sends could go. */
@Path("/internal/sendability")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class SendabilityResource {

    private static final int MOST_SENDS = 1_000;

    private final Templates templates;
    private final Routes routes;

    SendabilityResource(Templates templates, Routes routes) {
        this.templates = templates;
        this.routes = routes;
    }

    /**
     * @param path where in the journey document it stands
     */
    public record Send(
            @Nullable String path, @Nullable Channel channel, @Nullable String template) {}

    public record Body(@Nullable List<Send> sends) {}

    /**
     * @param reason {@code no_route} or {@code no_template}
     */
    public record Refusal(
            @Nullable String path,
            Channel channel,
            String template,
            String reason,
            String detail) {}

    public record Answer(List<Refusal> refusals) {}

    private record Asked(@Nullable String path, Channel channel, String template) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Answer> ask(@Nullable Body body) {
        if (body == null || body.sends() == null || body.sends().size() > MOST_SENDS) {
            throw Problem.badRequest("sends", "is required: up to " + MOST_SENDS + " sends");
        }
        List<Asked> asked = body.sends().stream().map(SendabilityResource::asked).toList();
        return templates
                .sources(asked.stream().map(Asked::template).collect(Collectors.toSet()))
                .map(sources ->
                        new Answer(
                                asked.stream()
                                        .flatMap(send -> refusal(send, sources).stream())
                                        .toList()));
    }

    private static Asked asked(Send send) {
        if (send.channel() == null || send.template() == null) {
            throw Problem.badRequest("sends", "each send needs a channel and a template");
        }
        return new Asked(send.path(), send.channel(), send.template());
    }

    private Optional<Refusal> refusal(Asked send, Map<String, Source> sources) {
        if (routes.of(send.channel()).isEmpty()) {
            return Optional.of(
                    refused(
                            send,
                            "no_route",
                            "no route is configured for " + send.channel().word()));
        }
        Source source = sources.get(send.template());
        if (source == null) {
            return Optional.of(
                    refused(send, "no_template", "there is no template '" + send.template() + "'"));
        }
        boolean speaks =
                source.document().variants().stream().anyMatch(v -> v.channel() == send.channel());
        return speaks
                ? Optional.empty()
                : Optional.of(
                        refused(
                                send,
                                "no_template",
                                "template '"
                                        + send.template()
                                        + "' has no variant for "
                                        + send.channel().word()));
    }

    private static Refusal refused(Asked send, String reason, String detail) {
        return new Refusal(send.path(), send.channel(), send.template(), reason, detail);
    }
}
