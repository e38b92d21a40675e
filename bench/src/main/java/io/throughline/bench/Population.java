package io.throughline.bench;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
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
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    private static final long TOLD_EVERY = 1_000_000;
    private static final int NUMBER_DIGITS = 8;

    private static final String COPY =
            """
            for i = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]) do
              redis.call('SET', KEYS[1] .. string.format('%08x', i) .. '}', ARGV[4], 'PX', ARGV[5])
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

    /** The n-th, with bits that look as random as a message's are. */
    static MessageId message(long n) {
        long mixed = (n + 1) * 0x9E37_79B9_7F4A_7C15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
        return new MessageId(
                new UUID(0x0197_0000_0000_7000L, 0x8000_0000_0000_0000L | mixed >>> 2));
    }

    /** Empties Redis and puts so many customers there, each with so many contacts. */
    void fill(long customers, int contacts) {
        fill(customers, contacts, there -> {});
    }

    /**
     * The same.
     *
     * @param progress is told now and then how many are there
     */
    void fill(long customers, int contacts, LongConsumer progress) {
        send(Request.cmd(Command.FLUSHALL));
        fill(0, 1, customers, contacts, null, progress);
    }

    /** The same with customers who live in these zones, as many in each. */
    void fill(long customers, int contacts, List<ZoneId> zones) {
        send(Request.cmd(Command.FLUSHALL));
        for (int i = 0; i < zones.size(); i++) {
            fill(i, zones.size(), customers, contacts, zones.get(i), there -> {});
        }
    }

    private void fill(
            long begin,
            long step,
            long customers,
            int contacts,
            @Nullable ZoneId zone,
            LongConsumer progress) {
        CustomerId first = customer(begin);
        hydrate(first, contacts, zone);
        String key = RedisGate.keyOf(first);
        byte[] state = send(Request.cmd(Command.GET).arg(key)).toBytes();
        String ttl = send(Request.cmd(Command.PTTL).arg(key)).toString();
        String prefix = key.substring(0, key.length() - NUMBER_DIGITS - 1);
        long copied = COPIED_AT_ONCE * step;
        for (long from = begin + step; from < customers; from += copied) {
            long to = Math.min(customers, from + copied) - 1;
            send(
                    Request.cmd(Command.EVAL)
                            .arg(COPY)
                            .arg(1)
                            .arg(prefix)
                            .arg(from)
                            .arg(to)
                            .arg(step)
                            .arg(Buffer.buffer(state))
                            .arg(ttl));
            if ((to + 1) / TOLD_EVERY > from / TOLD_EVERY) {
                progress.accept((to + 1) / TOLD_EVERY * TOLD_EVERY);
            }
        }
        long last = begin + (customers - 1 - begin) / step * step;
        if (await(gate.known(List.of(first, customer(last)))).contains(false)) {
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
        return statistic(command, "usec_per_call=");
    }

    /** How often a command was called. */
    double callsOf(String command) {
        return statistic(command, "calls=");
    }

    private double statistic(String command, String name) {
        String all = "," + info("commandstats", "cmdstat_" + command + ":");
        int at = all.indexOf("," + name) + 1 + name.length();
        return Double.parseDouble(all.substring(at, all.indexOf(',', at)));
    }

    private String info(String section, String field) {
        String all = send(Request.cmd(Command.INFO).arg(section)).toString();
        return all.lines()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Redis tells no " + field));
    }

    private void hydrate(CustomerId customer, int contacts, @Nullable ZoneId zone) {
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
                                        Category.MARKETING,
                                        null,
                                        JOURNEY,
                                        now.minus(NEWEST_CONTACT)
                                                .minus(between.multipliedBy(contacts - 1L - i)),
                                        true))
                        .toList();
        await(
                gate.hydrate(
                        List.of(
                                new CustomerHistory.Permissions(
                                        customer,
                                        consents,
                                        List.of(),
                                        zone == null ? null : Whereabouts.in(zone),
                                        List.of()),
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
