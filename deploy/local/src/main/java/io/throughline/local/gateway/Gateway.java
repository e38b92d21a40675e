package io.throughline.local.gateway;

import io.throughline.local.Service;
import io.throughline.local.infrastructure.StartFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The local stand-in for the Ingress: forwards by {@link RoutingTable}, bodies streamed both ways,
 * and says which service is missing when one does not answer.
 */
public final class Gateway implements AutoCloseable {

    private static final String PROBLEM = "application/problem+json";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int CONNECTIONS_PER_SERVICE = 512;
    private static final int WAITING_REQUESTS = 10_000;

    /** As long as identity takes them: an image's address has a whole event in it. */
    private static final int LONGEST_ADDRESS = 16 * 1024;

    /** As long as the services take them. */
    private static final long LONGEST_BODY = 2L << 20;

    private final Vertx vertx;
    private final HttpServer server;
    private final Map<Service, Integer> ports;
    private final Map<Service, HttpProxy> proxies = new EnumMap<>(Service.class);
    private final String indexForPeople;
    private final String indexForPrograms;

    private Gateway(Vertx vertx, Map<Service, Integer> ports, Map<String, String> addresses) {
        this.vertx = vertx;
        this.ports = Map.copyOf(ports);
        this.indexForPeople = IndexPage.html(addresses);
        this.indexForPrograms = IndexPage.json(addresses);
        HttpClient client =
                vertx.createHttpClient(
                        new HttpClientOptions().setConnectTimeout(2_000).setKeepAliveTimeout(30),
                        new PoolOptions()
                                .setHttp1MaxSize(CONNECTIONS_PER_SERVICE)
                                .setMaxWaitQueueSize(WAITING_REQUESTS));
        this.ports.forEach((service, port) -> proxies.put(service, proxy(client, service, port)));
        this.server =
                vertx.createHttpServer(
                        new HttpServerOptions()
                                // An upgraded request has no length and is not chunked, and the
                                // proxy would drop its body.
                                .setHttp2ClearTextEnabled(false)
                                .setMaxInitialLineLength(LONGEST_ADDRESS)
                                .setIdleTimeout(0));
        server.requestHandler(this::handle);
    }

    /**
     * @param port 0 for one that is free
     * @param ports where the services listen on loopback
     * @param addresses what the index page lists, name to address, in order
     */
    public static Gateway start(
            int port, Map<Service, Integer> ports, Map<String, String> addresses) {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(2)
                                .setWorkerPoolSize(2)
                                .setInternalBlockingPoolSize(2)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
        Gateway gateway = new Gateway(vertx, ports, addresses);
        try {
            var _ =
                    gateway.server
                            .listen(port, LOOPBACK)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .join();
            return gateway;
        } catch (CompletionException refused) {
            gateway.close();
            throw new StartFailure(
                    "The gateway did not start on port %d: %s."
                            .formatted(port, String.valueOf(refused.getMessage())),
                    refused);
        }
    }

    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        try {
            var _ =
                    vertx.close()
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(5, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException left) {
            // The process is ending; open connections end with it.
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(HttpServerRequest request) {
        switch (RoutingTable.route(request.path() == null ? "" : request.path())) {
            case RoutingTable.Route.To(Service service, String _) ->
                    Objects.requireNonNull(proxies.get(service)).handle(request);
            case RoutingTable.Route.Index() -> answerIndex(request);
            case RoutingTable.Route.Nowhere() ->
                    answer(request, 404, problem(404, "Not found", "Nothing is served here."));
            case RoutingTable.Route.Malformed() ->
                    answer(
                            request,
                            400,
                            problem(400, "Bad request", "The path must not climb or be escaped."));
        }
    }

    private HttpProxy proxy(HttpClient client, Service service, int port) {
        return HttpProxy.reverseProxy(client)
                .origin(context -> connect(context, port))
                .addInterceptor(new SayWhoIsMissing(service));
    }

    /** Under the name that was asked for, by which a service knows pages of its own origin. */
    private static Future<HttpClientRequest> connect(ProxyContext context, int port) {
        RequestOptions to =
                new RequestOptions().setServer(SocketAddress.inetSocketAddress(port, LOOPBACK));
        HostAndPort asked = context.request().proxiedRequest().authority();
        return context.client()
                .request(
                        asked == null
                                ? to.setHost(LOOPBACK).setPort(port)
                                : to.setHost(asked.host()).setPort(asked.port()));
    }

    private void answerIndex(HttpServerRequest request) {
        String accept = String.valueOf(request.getHeader("Accept"));
        HttpServerResponse response = request.response();
        if (accept.contains("text/html")) {
            response.putHeader("Content-Type", "text/html; charset=utf-8");
            var _ = response.end(indexForPeople);
        } else {
            response.putHeader("Content-Type", "application/json");
            var _ = response.end(indexForPrograms);
        }
    }

    private static void answer(HttpServerRequest request, int status, JsonObject problem) {
        var _ =
                request.response()
                        .setStatusCode(status)
                        .putHeader("Content-Type", PROBLEM)
                        .end(problem.toBuffer());
    }

    private static JsonObject problem(int status, String title, String detail) {
        return new JsonObject()
                .put("type", "about:blank")
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
    }

    /** Turns a refused or broken connection into 503 with the service's name. */
    private final class SayWhoIsMissing implements ProxyInterceptor {

        private final Service service;

        SayWhoIsMissing(Service service) {
            this.service = service;
        }

        @Override
        public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
            String uri = context.request().getURI();
            int query = uri.indexOf('?');
            String path = query < 0 ? uri : uri.substring(0, query);
            if (RoutingTable.route(path)
                    instanceof RoutingTable.Route.To(Service _, String inner)) {
                context.request().setURI(query < 0 ? inner : inner + uri.substring(query));
            }
            return context.sendRequest()
                    .recover(broken ->
                            Future.succeededFuture(
                                    context.request().proxiedRequest().bytesRead() > LONGEST_BODY
                                            ? tooLarge(context)
                                            : unavailable(context)));
        }

        /** What a service says of an address of its own is on the gateway too. */
        @Override
        public Future<Void> handleProxyResponse(ProxyContext context) {
            String own = "http://" + LOOPBACK + ":" + ports.get(service);
            String location = context.response().headers().get(HttpHeaders.LOCATION);
            if (location != null && location.startsWith(own + "/")) {
                context.response()
                        .headers()
                        .set(HttpHeaders.LOCATION, location.substring(own.length()));
            }
            return context.sendResponse();
        }

        /** A service ends the connection over a body that is too long, and not for an outage. */
        private ProxyResponse tooLarge(ProxyContext context) {
            return refused(
                    context,
                    413,
                    problem(
                            413,
                            "Content Too Large",
                            "body: expected at most %d bytes".formatted(LONGEST_BODY)));
        }

        private ProxyResponse unavailable(ProxyContext context) {
            JsonObject problem =
                    problem(
                                    503,
                                    "Service unavailable",
                                    "The %s service does not answer on port %d. See ./throughline status."
                                            .formatted(service.label(), ports.get(service)))
                            .put("service", service.label());
            return refused(context, 503, problem).putHeader("Retry-After", "1");
        }

        private static ProxyResponse refused(ProxyContext context, int status, JsonObject problem) {
            return context.request()
                    .release()
                    .response()
                    .setStatusCode(status)
                    .putHeader("Content-Type", PROBLEM)
                    .setBody(Body.body(problem.toBuffer()));
        }
    }
}
