package io.throughline.identity.erasure;

import io.throughline.contracts.Channel;
import io.throughline.contracts.Identifier;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names that can be recognised and not read: HMAC-SHA-256 (RFC 2104) under a secret of the
 * deployment. A bare hash would not do: all phone numbers can be tried in minutes.
 */
public final class OneWay {

    /** Bytes that the secret has at least, half of what the hash gives. */
    public static final int SHORTEST_SECRET = 16;

    private static final String ALGORITHM = "HmacSHA256";
    private static final char BETWEEN = '\u001f';

    private final SecretKeySpec key;

    /**
     * @throws IllegalArgumentException when the secret is shorter than {@link #SHORTEST_SECRET}
     */
    public OneWay(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < SHORTEST_SECRET) {
            throw new IllegalArgumentException(
                    "throughline.identity.suppression-secret: expected at least "
                            + SHORTEST_SECRET
                            + " bytes");
        }
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /**
     * @param address in its normal form
     */
    public byte[] address(Channel channel, String address) {
        return hash("address" + BETWEEN + channel.word() + BETWEEN + address);
    }

    public byte[] identifier(Identifier identifier) {
        return hash("identifier" + BETWEEN + identifier);
    }

    private byte[] hash(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
