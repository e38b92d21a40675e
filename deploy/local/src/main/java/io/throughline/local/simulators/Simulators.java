package io.throughline.local.simulators;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A client of {@link SimulatorsApi}: what tests and the demo look through. It blocks its caller.
 */
public final class Simulators {

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI base;

    /**
     * @param base for example {@code http://localhost:8090}
     */
    public Simulators(URI base) {
        this.base = base;
    }

    /** Every text received, oldest first. */
    public List<Sms> sms() {
        return listing("/sms", new TypeReference<SimulatorsApi.Listing<Sms>>() {}).items();
    }

    /** The texts a number received, oldest first; a leading + does not matter. */
    public List<Sms> smsTo(String number) {
        return listing(
                        "/sms?to=" + encoded(number),
                        new TypeReference<SimulatorsApi.Listing<Sms>>() {})
                .items();
    }

    /** The texts that came after the first so many, oldest first. */
    public List<Sms> smsAfter(long count) {
        return listing("/sms?after=" + count, new TypeReference<SimulatorsApi.Listing<Sms>>() {})
                .items();
    }

    /** The mails that came after the first so many, oldest first. */
    public List<Mail> mailsAfter(long count) {
        return listing("/mails?after=" + count, new TypeReference<SimulatorsApi.Listing<Mail>>() {})
                .items();
    }

    /** How many texts came since the start or the last {@link #clear}, also those forgotten. */
    public long smsTotal() {
        return listing("/sms", new TypeReference<SimulatorsApi.Listing<Sms>>() {}).total();
    }

    /**
     * A text from a subscriber; returns when {@code deliver_sm_resp} has come.
     *
     * @return its command status, 0 when the text was taken
     * @throws IllegalStateException when nobody is bound to receive it
     */
    public int textFromSubscriber(String from, String to, String text) {
        return send("POST", "/sms/inbound", Map.of("from", from, "to", to, "text", text))
                .path("commandStatus")
                .intValue();
    }

    /** What it leaves at {@link SmsBehaviour#OBLIGING} is back to normal. */
    public void smsBehave(SmsBehaviour behaviour) {
        send("PUT", "/sms/behaviour", behaviour);
    }

    /** Links bound to the SMSC now. */
    public int boundLinks() {
        return send("GET", "/sms/links", Map.of()).path("bound").intValue();
    }

    /** Cuts every SMPP link. */
    public void cutLinks() {
        send("DELETE", "/sms/links", Map.of());
    }

    /** Every mail received, oldest first. */
    public List<Mail> mails() {
        return listing("/mails", new TypeReference<SimulatorsApi.Listing<Mail>>() {}).items();
    }

    /** The mails an address received, oldest first. */
    public List<Mail> mailsTo(String address) {
        return listing(
                        "/mails?to=" + encoded(address),
                        new TypeReference<SimulatorsApi.Listing<Mail>>() {})
                .items();
    }

    /** The sink answers 550 and 451 to these addresses. */
    public void mailsBehave(Set<String> refuse, Set<String> tempfail) {
        send("PUT", "/mails/behaviour", new MailBehaviour(refuse, tempfail, 0));
    }

    /** Forgets what was received and behaves normally again. */
    public void clear() {
        send("DELETE", "/sms", Map.of());
        send("DELETE", "/mails", Map.of());
        send("PUT", "/sms/behaviour", Map.of());
        send("PUT", "/mails/behaviour", Map.of());
    }

    private <T> T listing(String path, TypeReference<T> type) {
        return SimulatorsApi.JSON.convertValue(send("GET", path, Map.of()), type);
    }

    private JsonNode send(String method, String path, Object body) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(base.resolve(path))
                            .timeout(Duration.ofSeconds(30))
                            .method(
                                    method,
                                    method.equals("GET")
                                            ? BodyPublishers.noBody()
                                            : BodyPublishers.ofByteArray(
                                                    SimulatorsApi.JSON.writeValueAsBytes(body)))
                            .build();
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            JsonNode answer = SimulatorsApi.JSON.readTree(response.body());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(
                        "%s %s: %s".formatted(method, path, answer.path("detail").asText()));
            }
            return answer;
        } catch (IOException unreachable) {
            throw new UncheckedIOException(unreachable);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
