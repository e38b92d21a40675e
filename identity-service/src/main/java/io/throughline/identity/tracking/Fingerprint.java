package io.throughline.identity.tracking;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The id of an accepted event in the log, made of what the sender says happened. So a message that
 * is sent twice has the same id both times, and the readers' inboxes drop the second; what gets
 * past them under a {@code messageId} that is known says something else under it.
 *
 * <p>Left out is what a retry may change: the times of sending and receipt, and the context, into
 * which libraries write how often they tried.
 *
 * <p>The time in front is the sender's own, so that ids of about the same time stay together in an
 * index; the rest is SHA-256. Laid out as a UUID of version 8 (RFC 9562).
 */
public final class Fingerprint {

    private static final byte END = 0x1F;
    private static final byte NULL = 0x00;
    private static final byte TEXT = 0x01;
    private static final byte OTHER = 0x02;
    private static final byte OBJECT = 0x03;
    private static final byte LIST = 0x04;

    private static final long VERSION_8 = 0x8000L;
    private static final long RANDOM_A = 0x0FFFL;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long RANDOM_B = 0x3FFF_FFFF_FFFF_FFFFL;

    private static final MessageDigest SHA_256 = found();

    private byte[] said = new byte[1024];
    private int length;

    private Fingerprint() {}

    public static UUID of(AcceptedEvent event) {
        Fingerprint print = new Fingerprint();
        print.text(event.source());
        print.text(event.messageId());
        print.text(event.kind().word());
        print.any(event.name());
        for (Identifier identifier : event.identifiers()) {
            print.text(identifier.type());
            print.text(identifier.value());
        }
        print.any(event.properties());
        print.any(event.traits());
        Instant original = event.originalTimestamp();
        print.any(original == null ? null : original.toEpochMilli());
        return print.uuid(original == null ? 0 : original.toEpochMilli());
    }

    private UUID uuid(long millis) {
        MessageDigest digest = sha256();
        digest.update(said, 0, length);
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        long most = (millis << 16) | VERSION_8 | (hash.getLong() & RANDOM_A);
        return new UUID(most, VARIANT | (hash.getLong() & RANDOM_B));
    }

    private void any(@Nullable Object value) {
        switch (value) {
            case null -> mark(NULL);
            case String text -> text(text);
            case Map<?, ?> map -> object(map);
            case List<?> list -> list(list);
            default -> {
                mark(OTHER);
                bytes(value.toString());
            }
        }
    }

    private void object(Map<?, ?> map) {
        mark(OBJECT);
        map.forEach((key, value) -> {
            bytes(String.valueOf(key));
            any(value);
        });
        mark(END);
    }

    private void list(List<?> list) {
        mark(LIST);
        list.forEach(this::any);
        mark(END);
    }

    private void text(String text) {
        mark(TEXT);
        bytes(text);
    }

    /** Any character may stand in a text, so its length goes before it. */
    private void bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        room(bytes.length + 3);
        said[length++] = (byte) (bytes.length >>> 16);
        said[length++] = (byte) (bytes.length >>> 8);
        said[length++] = (byte) bytes.length;
        System.arraycopy(bytes, 0, said, length, bytes.length);
        length += bytes.length;
    }

    private void mark(byte mark) {
        room(1);
        said[length++] = mark;
    }

    private void room(int more) {
        if (length + more > said.length) {
            said = Arrays.copyOf(said, Math.max(said.length * 2, length + more));
        }
    }

    /** A copy, which is there sooner than another one found among the providers. */
    private static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
        }
    }

    private static MessageDigest found() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
