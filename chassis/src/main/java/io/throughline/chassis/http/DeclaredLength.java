package io.throughline.chassis.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a body whose length says that it is too long, and reads it to its end all the same:
 * Quarkus would close the connection, and a sender that is still writing, or a proxy before it,
 * would see that and not the answer, take the service for broken and try again for ever.
 */
@ApplicationScoped
final class DeclaredLength {

    private static final int BEFORE_ROUTES = 900;

    /** What is longer than so many limits is not read to its end. */
    private static final int PATIENCE = 16;

    private final long limit;
    private final ObjectMapper json;

    DeclaredLength(
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize limit,
            ObjectMapper json) {
        this.limit = limit.asLongValue();
        this.json = json;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, BEFORE_ROUTES);
    }

    private void check(RoutingContext context) {
        long length = length(context.request().getHeader(HttpHeaders.CONTENT_LENGTH));
        if (length <= limit || length > PATIENCE * limit) {
            context.next();
            return;
        }
        context.request().resume();
        ProblemDocument.answer(
                context, Problem.tooLarge("%d bytes, were %d".formatted(limit, length)), json);
    }

    private static long length(@Nullable String header) {
        try {
            return header == null ? 0 : Long.parseLong(header.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
