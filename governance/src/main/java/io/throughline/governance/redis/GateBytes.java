package io.throughline.governance.redis;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory.Contact;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.rules.Limit;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.throughline.governance.rules.Rules;
import io.throughline.governance.rules.Tightening;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keys and arguments of the function library; {@code gate.lua} says what stands where. Short hashes
 * stand for what is long: 48 random bits of a message's UUID, 48 bits of the hash of a journey's or
 * a topic's name. They only have to differ within one customer.
 */
final class GateBytes {

    private static final int SETTLED = 16;
    private static final int OUT = 16;
    private static final int HEEDS_OPT_OUT = 1;
    private static final int NEEDS_OPT_IN = 2;
    private static final int HEEDS_SILENCE = 4;
    private static final int UNCOUNTED = 8;
    private static final int LIFTED = 1;
    private static final int COVERED = 2;
    private static final int CATEGORY = 64;
    private static final int TIGHTENS = 128;

    private GateBytes() {}

    static String key(CustomerId customer) {
        UUID id = customer.value();
        HexFormat hex = HexFormat.of();
        return "thl:{"
                + hex.toHexDigits(id.getMostSignificantBits())
                + hex.toHexDigits(id.getLeastSignificantBits())
                + "}";
    }

    /** No address lies in Redis in the clear, so that a dump of it is not a list of people. */
    static String key(Channel channel, String address) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(address.getBytes(StandardCharsets.UTF_8));
            return "thl:a:{" + channel.word() + ":" + HexFormat.of().formatHex(hash, 0, 16) + "}";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static byte[] id(CustomerId customer) {
        return ByteBuffer.allocate(16)
                .putLong(customer.value().getMostSignificantBits())
                .putLong(customer.value().getLeastSignificantBits())
                .array();
    }

    static CustomerId customer(ByteBuffer id) {
        return new CustomerId(new UUID(id.getLong(), id.getLong()));
    }

    static byte[] message(MessageId message) {
        ByteBuffer bytes = ByteBuffer.allocate(6);
        put48(bytes, random(message));
        return bytes.array();
    }

    static byte[] messages(Collection<MessageId> messages) {
        ByteBuffer bytes = ByteBuffer.allocate(6 * messages.size());
        messages.forEach(message -> put48(bytes, random(message)));
        return bytes.array();
    }

    /**
     * @param now absent where Redis's own clock decides
     */
    static byte[] request(GateRequest request, @Nullable Instant now) {
        ByteBuffer bytes = ByteBuffer.allocate(now == null ? 19 : 25);
        bytes.put((byte) code(request.channel()));
        putName(bytes, request.topic());
        put48(bytes, random(request.message()));
        putName(bytes, request.journey());
        if (now != null) {
            put48(bytes, now.toEpochMilli());
        }
        return bytes.array();
    }

    static byte[] rules(Rules rules, Duration patience, Duration ttl) {
        int flags =
                (rules.heedsOptOut() ? HEEDS_OPT_OUT : 0)
                        | (rules.needsOptIn() ? NEEDS_OPT_IN : 0)
                        | (rules.heedsSilence() ? HEEDS_SILENCE : 0)
                        | code(rules.category()) * CATEGORY
                        | rules.uncounted().stream()
                                .mapToInt(c -> UNCOUNTED << code(c))
                                .reduce(0, (a, b) -> a | b);
        int limits = rules.limits().size();
        Tightening tightening = rules.tightening();
        int stages = tightening.stages().size();
        ByteBuffer bytes =
                ByteBuffer.allocate(
                        24 + 11 * limits + (stages == 0 ? 0 : 7 + stages * (8 + 4 * limits)));
        bytes.put((byte) flags);
        put48(bytes, rules.horizon().toMillis());
        put48(bytes, rules.keep().toMillis());
        bytes.putInt(Math.toIntExact(patience.toMillis()));
        put48(bytes, ttl.toMillis());
        bytes.put((byte) (limits | (stages == 0 ? 0 : TIGHTENS)));
        for (Limit limit : rules.limits()) {
            bytes.put(scope(limit)).putInt(limit.max());
            put48(bytes, limit.window().toMillis());
        }
        if (stages > 0) {
            bytes.put((byte) stages);
            put48(bytes, tightening.within().toMillis());
            for (Tightening.Stage stage : tightening.stages()) {
                Duration afterOptOut = stage.afterOptOut();
                bytes.putShort((short) stage.ignored());
                put48(bytes, afterOptOut == null ? 0 : afterOptOut.toMillis());
                stage.max().forEach(bytes::putInt);
            }
        }
        return bytes.array();
    }

    /** Empty for any channel. */
    static byte[] channel(@Nullable Channel channel) {
        return channel == null ? new byte[0] : new byte[] {(byte) code(channel)};
    }

    /** Less than 8; never changed, since customers are stored with it. */
    static int code(Channel channel) {
        return switch (channel) {
            case EMAIL -> 0;
            case SMS -> 1;
            case WHATSAPP -> 2;
            case PUSH -> 3;
            case IN_APP -> 4;
        };
    }

    /** Less than 4; never changed, since customers are stored with it. */
    private static int code(Category category) {
        return switch (category) {
            case MARKETING -> 0;
            case SERVICE -> 1;
            case TRANSACTIONAL -> 2;
        };
    }

    /** Of a contact's marks. */
    static Category category(int marks) {
        return switch (marks / CATEGORY) {
            case 0 -> Category.MARKETING;
            case 1 -> Category.SERVICE;
            default -> Category.TRANSACTIONAL;
        };
    }

    /** A category among a silence's marks. */
    static int covered(Category category) {
        return COVERED << code(category);
    }

    private static byte scope(Limit limit) {
        return switch (limit.alike()) {
            case ANY -> 0;
            case CHANNEL -> 1;
            case JOURNEY -> 2;
            case CATEGORY -> 3;
            case TOPIC -> 4;
        };
    }

    /**
     * @param hours names the quiet rules and the policy's own zone
     * @param knownFrom since when the intervals are all there are
     * @param where the whereabouts the intervals are of; empty where none are known
     */
    static byte[] quiet(String hours, Instant knownFrom, List<Interval> intervals, String where) {
        byte[] name = where.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(12 + 12 * intervals.size() + name.length);
        putName(bytes, hours);
        put48(bytes, knownFrom.toEpochMilli());
        for (Interval interval : intervals) {
            put48(bytes, interval.from().toEpochMilli());
            put48(bytes, interval.until().toEpochMilli());
        }
        return bytes.put(name).array();
    }

    static byte[] consents(List<ConsentWrite> consents) {
        ByteBuffer bytes = ByteBuffer.allocate(13 * consents.size());
        for (ConsentWrite consent : consents) {
            int out = consent.state() == ConsentState.OPTED_OUT ? OUT : 0;
            bytes.put((byte) (code(consent.channel()) | out));
            putName(bytes, consent.topic());
            put48(bytes, consent.at().toEpochMilli());
        }
        return bytes.array();
    }

    static byte[] silences(List<SilenceWrite> silences) {
        ByteBuffer bytes = ByteBuffer.allocate(25 * silences.size());
        for (SilenceWrite silence : silences) {
            putName(bytes, silence.cause());
            putName(bytes, silence.journey());
            put48(bytes, silence.until().toEpochMilli());
            put48(bytes, silence.at().toEpochMilli());
            bytes.put(
                    (byte)
                            silence.categories().stream()
                                    .mapToInt(GateBytes::covered)
                                    .reduce(silence.lifted() ? LIFTED : 0, (a, b) -> a | b));
        }
        return bytes.array();
    }

    static byte[] contacts(List<Contact> contacts) {
        ByteBuffer bytes = ByteBuffer.allocate(25 * contacts.size());
        for (Contact contact : contacts) {
            put48(bytes, random(contact.message()));
            put48(bytes, contact.at().toEpochMilli());
            bytes.put(
                    (byte)
                            (code(contact.channel())
                                    | (contact.settled() ? SETTLED : 0)
                                    | code(contact.category()) * CATEGORY));
            putName(bytes, contact.journey());
            putName(bytes, contact.topic());
        }
        return bytes.array();
    }

    /**
     * Whether what an address holds ends messages of a topic.
     *
     * @param said as {@link #consents} wrote it; absent where nobody said anything
     * @param topic absent where the channel alone counts
     */
    static boolean optedOut(byte @Nullable [] said, @Nullable String topic) {
        if (said == null) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.wrap(said);
        while (bytes.hasRemaining()) {
            boolean out = (bytes.get() & OUT) != 0;
            long about = get48(bytes);
            get48(bytes);
            if (out && (about == 0 || (topic != null && about == hash(topic)))) {
                return true;
            }
        }
        return false;
    }

    private static void putName(ByteBuffer bytes, @Nullable String name) {
        put48(bytes, name(name));
    }

    /** What stands for a journey or a topic; zero for none. */
    static long name(@Nullable String name) {
        return name == null ? 0 : hash(name);
    }

    /** 48 bits of FNV-1a, never zero; zero is the absence of a name. */
    private static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        long folded = (hash ^ (hash >>> 48)) & 0xffffffffffffL;
        return folded == 0 ? 1 : folded;
    }

    private static void put48(ByteBuffer bytes, long number) {
        if (number < 0 || number >= 1L << 48) {
            throw new IllegalArgumentException("not within 48 bits: " + number);
        }
        bytes.putShort((short) (number >>> 32)).putInt((int) number);
    }

    static long get48(ByteBuffer bytes) {
        return (bytes.getShort() & 0xffffL) << 32 | (bytes.getInt() & 0xffffffffL);
    }

    /** What stands for a message. */
    static long random(MessageId message) {
        return message.value().getLeastSignificantBits() & 0xffffffffffffL;
    }
}
