package io.throughline.identity.source;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * A write key as its sender has it. Here only its hash is kept: it is as long as the hash is worth,
 * so nothing is gained by salting it.
 *
 * @param text goes into URLs and Basic authentication as it is
 */
public record WriteKey(String text) {

    /** Tells people, and programs that look for leaked secrets, what they have found. */
    private static final String PREFIX = "tlw_";

    private static final int RANDOM_BYTES = 24;
    private static final int HINT = 4;

    /**
     * A new key.
     *
     * @param random one that cannot be guessed
     */
    public static WriteKey mint(RandomGenerator random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return new WriteKey(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** SHA-256 in lower-case hex, under which the key is kept. */
    public String hash() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The last characters, by which people tell one key from another. */
    public String hint() {
        return text.substring(Math.max(0, text.length() - HINT));
    }

    /** Not the key itself, which must not come into a log. */
    @Override
    public String toString() {
        return "write key …" + hint();
    }
}
