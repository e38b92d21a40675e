package io.throughline.governance.redis;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.governance.GateRequest;
import io.throughline.governance.rules.CustomerFacts;
import io.throughline.governance.rules.Limit;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A customer as the function library keeps it; {@code gate.lua} says what stands where. The only
 * place on this side that reads the layout.
 */
final class HeldCustomer implements CustomerFacts {

    private static final byte LIVE = 'G';
    private static final int OUT = 16;
    private static final int CHANNEL = 15;
    private static final int LIFTED = 1;
    private static final int COVERING = 14;
    private static final int KIND = 63;
    private static final int REFUNDED = 48;

    /** Of an added contact, its message, journey, topic, time and how long it may take. */
    private static final int ADDED_SIZE = 29;

    private record Consent(int channel, boolean out, long topic, long at) {}

    private record Silence(long journey, long until, int marks) {

        boolean covers(long ofJourney, Category category) {
            boolean all = (marks & COVERING) == 0;
            return (marks & LIFTED) == 0
                    && (journey == 0 || journey == ofJourney)
                    && (all || (marks & GateBytes.covered(category)) != 0);
        }
    }

    private record Names(long message, long journey, long topic) {

        static Names read(ByteBuffer bytes) {
            return new Names(
                    GateBytes.get48(bytes), GateBytes.get48(bytes), GateBytes.get48(bytes));
        }
    }

    private record Contact(Names names, long at, int marks) {

        boolean counts() {
            return (marks & KIND) < REFUNDED;
        }

        int channel() {
            return marks & 7;
        }

        Category category() {
            return GateBytes.category(marks);
        }
    }

    private final Whereabouts where;
    private final long engaged;
    private final List<Consent> consents = new ArrayList<>();
    private final List<Silence> silences = new ArrayList<>();
    private final List<Contact> contacts = new ArrayList<>();

    private HeldCustomer(ByteBuffer bytes) {
        bytes.get(); // flags
        bytes.getInt(); // epoch
        GateBytes.get48(bytes); // since
        GateBytes.get48(bytes); // lease
        GateBytes.get48(bytes); // expires
        byte[] zone = new byte[bytes.get() & 0xFF];
        int named = bytes.getShort() & 0xFFFF;
        int said = bytes.getShort() & 0xFFFF;
        int silent = bytes.getShort() & 0xFFFF;
        engaged = GateBytes.get48(bytes);
        bytes.get(zone);
        where = Whereabouts.of(new String(zone, StandardCharsets.UTF_8));
        List<Names> names = new ArrayList<>(named);
        for (int i = 0; i < named; i++) {
            names.add(Names.read(bytes));
        }
        for (int i = 0; i < said; i++) {
            consents.add(consent(bytes));
        }
        for (int i = 0; i < silent; i++) {
            silences.add(silence(bytes));
        }
        for (Names name : names) {
            contacts.add(contact(name, bytes));
        }
        while (bytes.remaining() >= ADDED_SIZE) {
            contacts.add(contact(Names.read(bytes), bytes));
            bytes.getInt(); // within
        }
    }

    /** Absent where the library that wrote it has another layout than this process knows. */
    static @Nullable HeldCustomer read(byte[] text) {
        ByteBuffer bytes = ByteBuffer.wrap(text);
        try {
            return bytes.get() == LIVE ? new HeldCustomer(bytes) : null;
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    private static Consent consent(ByteBuffer bytes) {
        int marks = bytes.get();
        return new Consent(
                marks & CHANNEL,
                (marks & OUT) != 0,
                GateBytes.get48(bytes),
                GateBytes.get48(bytes));
    }

    private static Silence silence(ByteBuffer bytes) {
        GateBytes.get48(bytes); // cause
        long journey = GateBytes.get48(bytes);
        long until = GateBytes.get48(bytes);
        GateBytes.get48(bytes); // at
        return new Silence(journey, until, bytes.get());
    }

    private static Contact contact(Names names, ByteBuffer bytes) {
        long at = GateBytes.get48(bytes);
        return new Contact(names, at, bytes.get() & 0xFF);
    }

    @Override
    public boolean optedOut(Channel channel, @Nullable String topic) {
        return said(channel, topic, true);
    }

    @Override
    public boolean optedIn(Channel channel, @Nullable String topic) {
        return said(channel, topic, false);
    }

    private boolean said(Channel channel, @Nullable String topic, boolean out) {
        int code = GateBytes.code(channel);
        long name = GateBytes.name(topic);
        return consents.stream()
                .anyMatch(c ->
                        c.out() == out
                                && c.channel() == code
                                && (c.topic() == 0 || c.topic() == name));
    }

    @Override
    public Instant silentUntil(GateRequest request) {
        long journey = GateBytes.name(request.journey());
        long until =
                silences.stream()
                        .filter(s -> s.covers(journey, request.category()))
                        .mapToLong(Silence::until)
                        .max()
                        .orElse(0);
        return Instant.ofEpochMilli(until);
    }

    @Override
    public Whereabouts where() {
        return where;
    }

    @Override
    public List<Long> counted(Limit limit, Set<Category> uncounted, GateRequest request, long now) {
        long window = limit.window().toMillis();
        List<Long> counted = new ArrayList<>();
        for (Contact contact : contacts) {
            if (contact.counts()
                    && now < contact.at() + window
                    && !uncounted.contains(contact.category())
                    && inScope(limit, contact, request)
                    && !isOf(contact, request)) {
                counted.add(contact.at());
            }
        }
        return counted;
    }

    /**
     * Whether a message counts, on whatever channel.
     *
     * @param from milliseconds; what is not later cannot count any more
     */
    boolean counts(MessageId message, long from) {
        long name = GateBytes.random(message);
        return contacts.stream()
                .anyMatch(contact ->
                        contact.counts()
                                && contact.names().message() == name
                                && contact.at() > from);
    }

    @Override
    public long engaged() {
        return engaged;
    }

    @Override
    public long lastOptOut() {
        return consents.stream().filter(Consent::out).mapToLong(Consent::at).max().orElse(0);
    }

    @Override
    public List<Long> contacts(Set<Category> uncounted, GateRequest request) {
        return contacts.stream()
                .filter(Contact::counts)
                .filter(contact -> !uncounted.contains(contact.category()))
                .filter(contact -> !isOf(contact, request))
                .map(Contact::at)
                .toList();
    }

    private static boolean isOf(Contact contact, GateRequest request) {
        return contact.channel() == GateBytes.code(request.channel())
                && contact.names().message() == GateBytes.random(request.message());
    }

    private static boolean inScope(Limit limit, Contact contact, GateRequest request) {
        return switch (limit.alike()) {
            case ANY -> true;
            case CATEGORY -> contact.category() == request.category();
            case TOPIC -> contact.names().topic() == GateBytes.name(request.topic());
            case CHANNEL -> contact.channel() == GateBytes.code(request.channel());
            case JOURNEY -> contact.names().journey() == GateBytes.name(request.journey());
        };
    }
}
