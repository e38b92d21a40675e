package io.throughline.local.simulators;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.throughline.local.infrastructure.StartFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The simulators by HTTP, on loopback.
 *
 * <table>
 * <caption>Routes</caption>
 * <tr><td>{@code GET /sms?to=}</td><td>{@code {total, items:[{messageIds, from, to, text,
 *     dataCoding, receivedAt}]}}, oldest first; {@code to} is optional, a leading + does not
 *     matter. {@code after=N} instead leaves out the first N that came, for one who looks again and
 *     again; 400 when some of the others are forgotten</td></tr>
 * <tr><td>{@code POST /sms/inbound}</td><td>{@code {from, to, text}}: a text from a subscriber;
 *     answers {@code {commandStatus}} after {@code deliver_sm_resp}, or 409 when nobody is
 *     bound</td></tr>
 * <tr><td>{@code GET, PUT /sms/behaviour}</td><td>{@link SmsBehaviour}; what a PUT leaves out goes
 *     back to its default</td></tr>
 * <tr><td>{@code GET, DELETE /sms/links}</td><td>{@code {bound}}; DELETE cuts them</td></tr>
 * <tr><td>{@code GET /sms/cancelled}</td><td>{@code {total, items}}: ids of the parts that were
 *     cancelled before they were delivered. A part is held for the behaviour's {@code
 *     receiptDelayMillis}, and for ten minutes where its number ends in {@code 000777}</td></tr>
 * <tr><td>{@code DELETE /sms}</td><td>forgets what was received</td></tr>
 * <tr><td>{@code GET /mails?to=}</td><td>{@code {total, items:[{from, to, subject, headers, text,
 *     html, receivedAt}]}}; {@code after} as above</td></tr>
 * <tr><td>{@code GET, PUT /mails/behaviour}</td><td>{@link MailBehaviour}</td></tr>
 * <tr><td>{@code DELETE /mails}</td><td>forgets what was received</td></tr>
 * </table>
 */
public final class SimulatorsApi implements AutoCloseable {

    static final ObjectMapper JSON =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .build();

    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final SmscSimulator smsc;
    private final MailSink mails;

    /** What a simulator got. */
    record Listing<T>(long total, List<T> items) {}

    private record Answer(int status, Object body) {
        static Answer ok(Object body) {
            return new Answer(200, body);
        }

        static Answer problem(int status, String detail) {
            return new Answer(status, Map.of("status", status, "detail", detail));
        }
    }

    private SimulatorsApi(HttpServer server, SmscSimulator smsc, MailSink mails) {
        this.server = server;
        this.smsc = smsc;
        this.mails = mails;
    }

    /**
     * @param port 0 for one that is free
     */
    public static SimulatorsApi start(int port, SmscSimulator smsc, MailSink mails) {
        try {
            HttpServer server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
            SimulatorsApi api = new SimulatorsApi(server, smsc, mails);
            server.setExecutor(api.workers);
            server.createContext("/", api::handle);
            server.start();
            return api;
        } catch (IOException refused) {
            throw new StartFailure(
                    "The simulators' HTTP interface did not start on port %d: %s."
                            .formatted(port, refused.getMessage()),
                    refused);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] body = JSON.writeValueAsBytes(answer.body());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String route = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        try {
            return switch (route) {
                case "GET /sms" ->
                        Answer.ok(
                                after(exchange, smsc.received())
                                        .orElseGet(() -> smsTo(parameter(exchange, "to"))));
                case "GET /sms/cancelled" -> {
                    List<String> cancelled = smsc.cancelled();
                    yield Answer.ok(new Listing<>(cancelled.size(), cancelled));
                }
                case "POST /sms/inbound" -> inbound(JSON.readTree(body));
                case "GET /sms/behaviour" -> Answer.ok(smsc.behaviour());
                case "PUT /sms/behaviour" -> {
                    smsc.behave(changed(SmsBehaviour.OBLIGING, body, SmsBehaviour.class));
                    yield Answer.ok(smsc.behaviour());
                }
                case "GET /sms/links" -> Answer.ok(Map.of("bound", smsc.boundLinks()));
                case "DELETE /sms/links" -> {
                    smsc.cutLinks();
                    yield Answer.ok(Map.of("bound", smsc.boundLinks()));
                }
                case "DELETE /sms" -> {
                    smsc.received().clear();
                    yield Answer.ok(Map.of());
                }
                case "GET /mails" ->
                        Answer.ok(
                                after(exchange, mails.received())
                                        .orElseGet(() -> mailsTo(parameter(exchange, "to"))));
                case "GET /mails/behaviour" -> Answer.ok(mails.behaviour());
                case "PUT /mails/behaviour" -> {
                    mails.behave(changed(MailBehaviour.OBLIGING, body, MailBehaviour.class));
                    yield Answer.ok(mails.behaviour());
                }
                case "DELETE /mails" -> {
                    mails.received().clear();
                    yield Answer.ok(Map.of());
                }
                default -> Answer.problem(404, "no such route: " + route);
            };
        } catch (JsonProcessingException malformed) {
            return Answer.problem(400, malformed.getOriginalMessage());
        } catch (IllegalArgumentException wrong) {
            return Answer.problem(400, String.valueOf(wrong.getMessage()));
        }
    }

    private static <T> Optional<Listing<T>> after(HttpExchange exchange, Received<T> received) {
        String count = parameter(exchange, "after");
        return count.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Listing<>(received.total(), received.after(Long.parseLong(count))));
    }

    private Listing<Sms> smsTo(String to) {
        String wanted = digits(to);
        List<Sms> found =
                smsc.received()
                        .matching(sms -> wanted.isEmpty() || digits(sms.to()).equals(wanted));
        return new Listing<>(wanted.isEmpty() ? smsc.received().total() : found.size(), found);
    }

    private Listing<Mail> mailsTo(String to) {
        List<Mail> found =
                mails.received().matching(mail -> to.isEmpty() || mail.to().equalsIgnoreCase(to));
        return new Listing<>(to.isEmpty() ? mails.received().total() : found.size(), found);
    }

    private Answer inbound(JsonNode text) {
        try {
            int status = smsc.inbound(field(text, "from"), field(text, "to"), field(text, "text"));
            return Answer.ok(Map.of("commandStatus", status));
        } catch (IllegalStateException nobody) {
            return Answer.problem(409, String.valueOf(nobody.getMessage()));
        }
    }

    private static String field(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("the field " + name + " is missing");
        }
        return value.textValue();
    }

    private static <T> T changed(T defaults, byte[] body, Class<T> type) throws IOException {
        ObjectNode merged = JSON.valueToTree(defaults);
        JsonNode wanted = JSON.readTree(body);
        if (!wanted.isObject()) {
            throw new IllegalArgumentException("a JSON object is expected");
        }
        merged.setAll((ObjectNode) wanted);
        return JSON.treeToValue(merged, type);
    }

    private static String parameter(HttpExchange exchange, String name) {
        String query = exchange.getRequestURI().getRawQuery();
        if (query == null) {
            return "";
        }
        for (String pair : query.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(
                        pair.substring(name.length() + 1).replace("+", "%2B"),
                        StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    private static String digits(String number) {
        return number.toLowerCase(Locale.ROOT).replace("+", "");
    }
}
