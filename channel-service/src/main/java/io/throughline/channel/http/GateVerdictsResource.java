package io.throughline.channel.http;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Outlook;
import io.throughline.channel.dispatch.Routes;
import io.throughline.channel.store.Conversations;
import io.throughline.channel.store.Conversations.Reach;
import io.throughline.channel.store.Templates;
import io.throughline.channel.store.Templates.Source;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.explanation.Turning;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells the attribution service, which is asked why, whether a message would pass now. */
@Path("/internal/gate/verdicts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class GateVerdictsResource {

    private static final Logger LOG = Logger.getLogger(GateVerdictsResource.class);
    private static final int GONE = 410;

    /** Asked about though there is nowhere to go, so that the other rules are heard. */
    private static final String NOWHERE = "";

    private final Templates templates;
    private final Routes routes;
    private final Conversations conversations;
    private final Outlook outlook;
    private final InstantSource clock;

    GateVerdictsResource(
            Templates templates,
            Routes routes,
            Conversations conversations,
            Outlook outlook,
            InstantSource clock) {
        this.templates = templates;
        this.routes = routes;
        this.conversations = conversations;
        this.outlook = outlook;
        this.clock = clock;
    }

    /**
     * @param category marketing where it is not said, which passes least
     * @param topic the consent topic; absent where the channel's consent alone counts
     * @param journey the key of the journey it would be of; absent for none
     */
    public record Body(
            @Nullable CustomerId customer,
            @Nullable Channel channel,
            @Nullable String template,
            @Nullable Category category,
            @Nullable String topic,
            @Nullable String journey) {}

    /**
     * Whether it would pass, and if not, when and why.
     *
     * @param verdicts first {@code route}, {@code content} and {@code reachable}, which are asked
     *     before the gate is, then the gate's
     */
    public record Answer(
            Instant at,
            boolean allowed,
            @Nullable SuppressionReason reason,
            List<Verdict> verdicts,
            int policyVersion,
            @Nullable Instant retryAt,
            @Nullable String change) {}

    @POST
    @RolesAllowed(Roles.SERVICE)
    public Uni<Answer> ask(@Nullable Body body) {
        CustomerId customer = body == null ? null : body.customer();
        Channel channel = body == null ? null : body.channel();
        String template = body == null ? null : body.template();
        if (customer == null) {
            throw Problem.badRequest("customer", "is required: a customer id");
        }
        if (channel == null) {
            throw Problem.badRequest("channel", "is required");
        }
        if (template == null) {
            throw Problem.badRequest("template", "is required: the key of a template");
        }
        Category category = body == null ? null : body.category();
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        channel,
                        category == null ? Category.MARKETING : category,
                        body == null ? null : body.topic(),
                        body == null ? null : body.journey(),
                        NOWHERE);
        return templates
                .sources(Set.of(template))
                .map(sources -> known(template, sources))
                .chain(source ->
                        conversations
                                .reach(customer, channel)
                                .chain(reach -> answer(request, source, reach)));
    }

    private static Source known(String template, Map<String, Source> sources) {
        Source source = sources.get(template);
        if (source == null) {
            throw Problem.badRequest("template", "there is no template '" + template + "'");
        }
        return source;
    }

    private Uni<Answer> answer(GateRequest request, Source source, Reach reach) {
        if (reach.erased()) {
            throw Problem.of(
                    GONE, "erased", "customer " + request.customer() + " was erased", List.of());
        }
        List<Verdict> before = before(request.channel(), source, reach);
        return outlook.of(request.to(reach.address() == null ? NOWHERE : reach.address()))
                .onFailure()
                .transform(failure -> {
                    LOG.warnf("the gate cannot be asked about a message: %s", failure);
                    return Problem.unavailable("the contact gate cannot be asked at the moment");
                })
                .map(said -> answer(request, before, said));
    }

    /** What a message is looked at for before the gate is asked, as when it is dispatched. */
    private List<Verdict> before(Channel channel, Source source, Reach reach) {
        boolean speaks =
                source.document().variants().stream().anyMatch(v -> v.channel() == channel);
        return List.of(
                verdict(Turning.ROUTE, !routes.of(channel).isEmpty()),
                verdict(Turning.CONTENT, speaks),
                verdict(Turning.REACHABLE, reach.address() != null));
    }

    private static Verdict verdict(String rule, boolean passed) {
        return new Verdict(rule, passed, null, null, null, null);
    }

    private Answer answer(GateRequest request, List<Verdict> before, GateAnswer said) {
        if (Outlook.isOfUnknown(said)) {
            throw Problem.notFound("there is no customer " + request.customer());
        }
        boolean reachable = before.getLast().passed();
        List<Verdict> verdicts = new ArrayList<>(before);
        said.verdicts().stream()
                .filter(verdict -> reachable || !verdict.rule().equals(Turning.ADDRESS))
                .forEach(verdicts::add);
        GateAnswer.Denied denied = said instanceof GateAnswer.Denied d ? d : null;
        SuppressionReason first = Verdict.refusing(before).map(this::reason).orElse(null);
        SuppressionReason ofGate = denied == null ? null : denied.reason();
        Instant retryAt = denied == null ? null : denied.retryAt();
        return new Answer(
                clock.instant(),
                first == null && denied == null,
                first == null ? ofGate : first,
                List.copyOf(verdicts),
                said.policyVersion(),
                first == null ? retryAt : null,
                Turning.of(request.channel(), request.topic(), verdicts, retryAt));
    }

    private SuppressionReason reason(Verdict refused) {
        return switch (refused.rule()) {
            case Turning.ROUTE -> SuppressionReason.NO_ROUTE;
            case Turning.CONTENT -> SuppressionReason.NO_CONTENT;
            default -> SuppressionReason.NO_ADDRESS;
        };
    }
}
