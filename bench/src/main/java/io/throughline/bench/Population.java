package io.throughline.bench;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.CustomerHistory.Contact;
import io.throughline.governance.redis.RedisGate;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Customers in Redis, all in the same state: the gate itself writes it for one, and Redis copies
 * it, so that a million take a few seconds.
 */
final class Population {

    /** The contacts lie over the last four weeks, the newest more than a day ago. */
    private static final Duration NEWEST_CONTACT = Duration.ofHours(30);

    private static final Duration OLDEST_CONTACT = Duration.ofDays(28);
    private static final String JOURNEY = "cart-abandonment";
    private static final long COPIED_AT_ONCE = 50_000;
    private static final int NUMBER_DIGITS = 8;

    private static final String COPY =
            """
            for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
              redis.call('SET', KEYS[1] .. string.format('%08x', i) .. '}', ARGV[3], 'PX', ARGV[4])
            end
            return 1
            """;

    private final Redis redis;
    private final RedisGate gate;

    Population(Redis redis, RedisGate gate) {
        this.redis = redis;
        this.gate = gate;
    }

    /** The n-th, from 0. */
    static CustomerId customer(long n) {
        return new CustomerId(new UUID(0x0197_0000_0000_7000L, 0x8000_0000_0000_0000L | n));
    }

    static MessageId message(long n) {
        return new MessageId(new UUID(0x0197_0000_0000_7000L, 0x8000_0000_0000_0000L | n));
    }

    /** Empties Redis and puts so many customers there, each with so many contacts. */
    void fill(long customers, int contacts) {
        send(Request.cmd(Command.FLUSHALL));
        CustomerId first = customer(0);
        hydrate(first, contacts);
        String key = RedisGate.keyOf(first);
        byte[] state = send(Request.cmd(Command.GET).arg(key)).toBytes();
        String ttl = send(Request.cmd(Command.PTTL).arg(key)).toString();
        String prefix = key.substring(0, key.length() - NUMBER_DIGITS - 1);
        for (long from = 1; from < customers; from += COPIED_AT_ONCE) {
            long to = Math.min(customers, from + COPIED_AT_ONCE) - 1;
            send(
                    Request.cmd(Command.EVAL)
                            .arg(COPY)
                            .arg(1)
                            .arg(prefix)
                            .arg(from)
                            .arg(to)
                            .arg(Buffer.buffer(state))
                            .arg(ttl));
        }
        List<CustomerId> some =
                Stream.of(0L, customers / 2, customers - 1).map(n -> customer(n)).toList();
        if (await(gate.known(some)).contains(false)) {
            throw new IllegalStateException("the gate does not know the customers put there");
        }
    }

    /** What the gate keeps of one customer, in bytes. */
    long bytesOfOne() {
        return number(Request.cmd(Command.MEMORY).arg("USAGE").arg(RedisGate.keyOf(customer(0))));
    }

    /** All that Redis has allocated, in bytes. */
    long bytesOfAll() {
        return Long.parseLong(info("memory", "used_memory:"));
    }

    /** Loads a script and gives the hash it is called by. */
    String script(String text) {
        return send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(text)).toString();
    }

    void forgetStatistics() {
        send(Request.cmd(Command.CONFIG).arg("RESETSTAT"));
    }

    /** How long a call of a command took within Redis, in microseconds. */
    double microsecondsOf(String command) {
        String statistics = info("commandstats", "cmdstat_" + command + ":");
        int at = statistics.indexOf("usec_per_call=") + "usec_per_call=".length();
        return Double.parseDouble(statistics.substring(at, statistics.indexOf(',', at)));
    }

    private String info(String section, String field) {
        String all = send(Request.cmd(Command.INFO).arg(section)).toString();
        return all.lines()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Redis tells no " + field));
    }

    private void hydrate(CustomerId customer, int contacts) {
        Instant now = Instant.now();
        List<ConsentWrite> consents =
                Stream.of(Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)
                        .map(channel ->
                                new ConsentWrite(
                                        customer,
                                        null,
                                        channel,
                                        null,
                                        ConsentState.OPTED_IN,
                                        now.minus(OLDEST_CONTACT)))
                        .toList();
        Duration between = OLDEST_CONTACT.minus(NEWEST_CONTACT).dividedBy(Math.max(1, contacts));
        List<Contact> past =
                IntStream.range(0, contacts)
                        .mapToObj(i ->
                                new Contact(
                                        message(i),
                                        i % 2 == 0 ? Channel.SMS : Channel.EMAIL,
                                        JOURNEY,
                                        now.minus(NEWEST_CONTACT)
                                                .minus(between.multipliedBy(contacts - 1L - i)),
                                        true))
                        .toList();
        await(
                gate.hydrate(
                        List.of(
                                new CustomerHistory.Permissions(
                                        customer, consents, List.of(), null, List.of()),
                                new CustomerHistory.Contacts(customer, past))));
    }

    private long number(Request request) {
        Long number = send(request).toLong();
        if (number == null) {
            throw new IllegalStateException("Redis answered no number");
        }
        return number;
    }

    private Response send(Request request) {
        Response response = redis.send(request).toCompletionStage().toCompletableFuture().join();
        if (response == null) {
            throw new IllegalStateException("Redis answered nothing");
        }
        return response;
    }

    static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
