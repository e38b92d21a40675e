package io.throughline.channel.link;

import io.throughline.contracts.MessageId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks the tokens in {@code /c/}, {@code /o/} and {@code /u/} links: HMAC-SHA-256 cut
 * to 16 bytes (RFC 2104, section 5, allows half), written as base64url.
 *
 * <p>Open, unsubscribe and preference tokens carry the message and the day. A click token is the
 * HMAC alone, so that it fits into a text; the target is stored under it and never stands in the
 * link, which therefore cannot be made to redirect elsewhere.
 */
public final class LinkTokens {

    /** How long a link works. */
    public static final int VALID_DAYS = 365;

    private static final int MAC_BYTES = 16;
    private static final int BODY_BYTES = 1 + 16 + 4;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final SecretKeySpec key;

    /** What a link that is not a click does. */
    public enum Purpose {
        OPEN((byte) 'o'),
        UNSUBSCRIBE((byte) 'u'),
        PREFERENCES((byte) 'p');

        private final byte mark;

        Purpose(byte mark) {
            this.mark = mark;
        }
    }

    public LinkTokens(String secret) {
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    public String issue(Purpose purpose, MessageId message, Instant now) {
        byte[] body = body(purpose.mark, message, epochDay(now));
        return ENCODER.encodeToString(concat(body, mac(body)));
    }

    /** The message a token was issued for; empty when it is forged, for another purpose, or old. */
    public Optional<MessageId> read(Purpose purpose, String token, Instant now) {
        Optional<byte[]> decoded = decode(token);
        if (decoded.isEmpty() || decoded.get().length != BODY_BYTES + MAC_BYTES) {
            return Optional.empty();
        }
        byte[] body = Arrays.copyOf(decoded.get(), BODY_BYTES);
        byte[] claimed = Arrays.copyOfRange(decoded.get(), BODY_BYTES, BODY_BYTES + MAC_BYTES);
        if (!MessageDigest.isEqual(mac(body), claimed) || body[0] != purpose.mark) {
            return Optional.empty();
        }
        ByteBuffer fields = ByteBuffer.wrap(body, 1, BODY_BYTES - 1);
        MessageId message = new MessageId(new UUID(fields.getLong(), fields.getLong()));
        int age = epochDay(now) - fields.getInt();
        return age <= VALID_DAYS ? Optional.of(message) : Optional.empty();
    }

    /** The token behind which a message's link to a target stands. */
    public String clickToken(MessageId message, String target) {
        byte[] url = target.getBytes(StandardCharsets.UTF_8);
        return ENCODER.encodeToString(
                mac(
                        ByteBuffer.allocate(1 + 16 + url.length)
                                .put((byte) 'c')
                                .putLong(message.value().getMostSignificantBits())
                                .putLong(message.value().getLeastSignificantBits())
                                .put(url)
                                .array()));
    }

    /** Whether a stored target is the one that the token was made for. */
    public boolean isClickToken(String token, MessageId message, String target) {
        return MessageDigest.isEqual(
                clickToken(message, target).getBytes(StandardCharsets.US_ASCII),
                token.getBytes(StandardCharsets.US_ASCII));
    }

    private static Optional<byte[]> decode(String token) {
        try {
            return Optional.of(Base64.getUrlDecoder().decode(token));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] body(byte mark, MessageId message, int day) {
        return ByteBuffer.allocate(BODY_BYTES)
                .put(mark)
                .putLong(message.value().getMostSignificantBits())
                .putLong(message.value().getLeastSignificantBits())
                .putInt(day)
                .array();
    }

    private static int epochDay(Instant now) {
        return Math.toIntExact(ChronoUnit.DAYS.between(Instant.EPOCH, now));
    }

    private byte[] mac(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return Arrays.copyOf(mac.doFinal(body), MAC_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
