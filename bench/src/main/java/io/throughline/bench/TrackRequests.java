package io.throughline.bench;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Requests that each carry one event of 400 bytes, as a shop's site sends them: a page's context, a
 * few properties, a signed-in customer with a device. Made once and changed in a few digits, since
 * what the sender takes the measured lacks.
 */
final class TrackRequests implements LongFunction<Buffer> {

    static final int BODY_BYTES = 400;

    private static final int NUMBER_DIGITS = 12;
    private static final String NUMBER = "#".repeat(NUMBER_DIGITS);

    /** Of which as much is said as fills the body. */
    private static final String BROWSER =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
                    + " like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

    /** No two requests of a run are the same event. */
    private static final AtomicLong MESSAGES = new AtomicLong();

    private final List<Template> templates;

    private record Template(Buffer request, int numberAt) {}

    /** Views of a product, by these people in turn. */
    TrackRequests(String path, List<Person> people) {
        this.templates = people.stream().map(person -> template(path, person)).toList();
    }

    private static Template template(String path, Person person) {
        String body =
                """
                {"userId":"%s","anonymousId":"%s","messageId":"bench-%s","event":"Product Viewed","timestamp":"%s",\
                "context":{"ip":"203.0.113.7","userAgent":"%s","page":{"url":"https://shop.example/p/88213"}},\
                "properties":{"product_id":"88213","name":"Rain jacket","price":41.50,"currency":"EUR"}}\
                """;
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusMillis(1);
        int without = body.formatted(person.user(), person.device(), NUMBER, now, "").length();
        String whole =
                body.formatted(
                        person.user(),
                        person.device(),
                        NUMBER,
                        now,
                        BROWSER.substring(0, BODY_BYTES - without));
        Buffer request = Http.request("POST", path, Http.SITE, whole);
        return new Template(request, request.toString(StandardCharsets.US_ASCII).indexOf(NUMBER));
    }

    @Override
    public Buffer apply(long n) {
        Template template = templates.get((int) (n % templates.size()));
        byte[] bytes = template.request().getBytes();
        long number = MESSAGES.incrementAndGet();
        for (int i = template.numberAt() + NUMBER_DIGITS - 1; i >= template.numberAt(); i--) {
            bytes[i] = (byte) ('0' + number % 10);
            number /= 10;
        }
        return Buffer.buffer(bytes);
    }
}
