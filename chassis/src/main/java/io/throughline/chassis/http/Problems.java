package io.throughline.chassis.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.chassis.stream.Faults;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;

/** What a failed request is answered with. */
public final class Problems {

    private static final Logger LOG = Logger.getLogger(Problems.class);

    private Problems() {}

    /** Answers a request that no resource serves. */
    public static void answer(RoutingContext context, Throwable failure, ObjectMapper json) {
        ProblemDocument.answer(context, of(failure), json);
    }

    /** The problem that a failure is; one that nobody foresaw goes to the log with its trace. */
    public static Problem of(Throwable failure) {
        if (failure instanceof Problem problem) {
            return problem;
        }
        if (Faults.passes(failure)) {
            LOG.warnf("a request was not served, something that it needs is away: %s", failure);
            return Problem.unavailable(
                    "something that this needs cannot be reached at the moment; try again");
        }
        return Faults.isUnstorableText(failure)
                ? Problem.badRequest("body", "expected no U+0000 in any text")
                : bug(failure);
    }

    private static Problem bug(Throwable failure) {
        UUID incident = UUID.randomUUID();
        LOG.errorf(failure, "incident %s: a request failed unexpectedly", incident);
        return Problem.of(
                500,
                "internal",
                "something went wrong here; the logs have it as incident " + incident,
                List.of());
    }
}
