package io.throughline.journey.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problem.FieldError;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.definition.JourneyParser;
import io.throughline.journey.definition.Parsed;
import io.throughline.journey.neighbour.ChannelService;
import io.throughline.journey.neighbour.ChannelService.Refusal;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** Reads what somebody wrote, and says all that is wrong with it at once. */
@ApplicationScoped
class Drafts {

    private static final Logger LOG = Logger.getLogger(Drafts.class);

    private final ChannelService channels;
    private final Vertx vertx;

    Drafts(ChannelService channels, Vertx vertx) {
        this.channels = channels;
        this.vertx = vertx;
    }

    /**
     * The document of a journey, checked also for what it would send: every route and template is
     * there.
     *
     * @throws Problem 400 where the text cannot be read at all, 422 naming every field that is
     *     wrong, 503 while the channel service cannot be asked
     */
    Uni<JourneyDocument> read(String key, String text) {
        return parsed(key, text).chain(this::checked);
    }

    /**
     * The document of a journey, whatever routes and templates there are. Read on a worker:
     * compiling expressions takes longer than an event loop has.
     *
     * @throws Problem as {@link #read}, but 503
     */
    Uni<JourneyDocument> parsed(String key, String text) {
        return vertx.executeBlocking(() -> parse(key, text));
    }

    private Uni<JourneyDocument> checked(JourneyDocument document) {
        return channels.refusals(document.sends())
                .onFailure()
                .transform(Drafts::unavailable)
                .map(refusals -> sendable(document, refusals));
    }

    private static JourneyDocument parse(String key, String text) {
        return switch (JourneyParser.parse(text)) {
            case Parsed.Valid(JourneyDocument document) -> named(key, document);
            case Parsed.Invalid(List<Parsed.Flaw> flaws) -> throw problem(flaws);
        };
    }

    private static JourneyDocument named(String key, JourneyDocument document) {
        if (!document.journey().equals(key)) {
            throw Problem.unprocessable(
                    "journey",
                    "expected '" + key + "' as in the path, was '" + document.journey() + "'");
        }
        return document;
    }

    private static Problem problem(List<Parsed.Flaw> flaws) {
        List<FieldError> errors =
                flaws.stream().map(flaw -> new FieldError(flaw.field(), flaw.detail())).toList();
        return errors.stream().allMatch(error -> error.field().equals("document"))
                ? Problem.of(400, "invalid-request", errors.getFirst().detail(), errors)
                : Problem.of(errors);
    }

    private static JourneyDocument sendable(JourneyDocument document, List<Refusal> refusals) {
        List<FieldError> errors = new ArrayList<>();
        for (Refusal refusal : refusals) {
            String field = refusal.reason().equals("no_template") ? ".template" : ".channel";
            errors.add(new FieldError(refusal.path() + field, refusal.detail()));
        }
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
        return document;
    }

    private static Problem unavailable(Throwable failure) {
        LOG.warnf("a journey cannot be checked for what it sends: %s", failure);
        return Problem.unavailable(
                "the channel service, which has the routes and templates, does not answer;"
                        + " nothing was stored");
    }
}
