package io.throughline.identity.source;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * The part of a link that nobody guesses. Only its hash is kept, so that whoever reads the table
 * has no link.
 */
public record LinkToken(String text) {

    private static final int RANDOM_BYTES = 16;

    /**
     * A new token.
     *
     * @param random one that cannot be guessed
     */
    public static LinkToken mint(RandomGenerator random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return new LinkToken(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** SHA-256, under which the link is kept. */
    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Not the token itself, which must not come into a log. */
    @Override
    public String toString() {
        return "link token";
    }
}
