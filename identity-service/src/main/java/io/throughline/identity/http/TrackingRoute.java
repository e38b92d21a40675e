package io.throughline.identity.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.http.Problems;
import io.throughline.identity.tracking.Call;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The Segment HTTP tracking API, {@code POST /v1/{call}}; what it says to callers stands in {@code
 * META-INF/openapi.yaml}. Its SDKs take 200 for delivered, 429 and 5xx for try again, and other 4xx
 * for drop for ever; so what may pass is never a 4xx here. They try 410 again, so it is never an
 * answer either.
 *
 * <p>A handler and not a resource, since this is where all events come in: what a resource brings
 * along takes longer than reading an event does.
 */
@Singleton
class TrackingRoute {

    static final String DELIVERED = "{\"success\":true}";

    private static final String PREFIX = "/v1/";

    /** What is longer than so many limits is not read to its end. */
    private static final int PATIENCE = 16;

    private static final String JSON = "application/json";

    /** After what checks addresses and lengths, before what finds out who calls. */
    private static final int BEFORE_AUTHENTICATION = 500;

    private final Collector collector;
    private final ObjectMapper json;
    private final long maxBody;

    TrackingRoute(
            Collector collector,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBody) {
        this.collector = collector;
        this.json = json;
        this.maxBody = maxBody.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(this::handle, BEFORE_AUTHENTICATION);
    }

    private void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        Optional<Call> call =
                request.method().equals(HttpMethod.POST)
                        ? call(context.normalizedPath())
                        : Optional.empty();
        if (call.isPresent()) {
            read(context, body -> take(context, call.get(), body));
        } else {
            context.next();
        }
    }

    /** Senders are known to put a slash after it, and two slashes before. */
    private static Optional<Call> call(String path) {
        if (!path.startsWith(PREFIX)) {
            return Optional.empty();
        }
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return end <= PREFIX.length()
                ? Optional.empty()
                : Call.of(path.substring(PREFIX.length(), end));
    }

    /**
     * What is too long is read to its end all the same, as where its length is told beforehand, but
     * not what has no end.
     */
    private void read(RoutingContext context, Consumer<byte[]> whole) {
        HttpServerRequest request = context.request();
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            context.response().writeContinue();
        }
        Buffer body = Buffer.buffer();
        AtomicLong length = new AtomicLong();
        request.handler(chunk -> {
            if (length.addAndGet(chunk.length()) <= maxBody) {
                body.appendBuffer(chunk);
            } else if (length.get() > PATIENCE * maxBody) {
                request.connection().close();
            }
        });
        request.endHandler(end -> {
            if (length.get() > maxBody) {
                Problems.answer(context, Problem.tooLarge(maxBody + " bytes"), json);
            } else {
                whole.accept(body.getBytes());
            }
        });
        request.resume();
    }

    private void take(RoutingContext context, Call call, byte[] body) {
        Context here = context.vertx().getOrCreateContext();
        Uni.createFrom()
                .deferred(() -> collector.take(call, body, context.request()))
                .subscribe()
                .with(
                        delivered -> here.runOnContext(ignored -> delivered(context)),
                        failure -> here.runOnContext(ignored -> failed(context, failure)));
    }

    private static void delivered(RoutingContext context) {
        HttpServerResponse response = context.response();
        if (!response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(DELIVERED);
        }
    }

    private void failed(RoutingContext context, Throwable failure) {
        if (!context.response().closed()) {
            Problems.answer(context, failure, json);
        }
    }
}
