package io.throughline.identity.identifier;

import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Names for browsers that nobody has named yet. */
public final class AnonymousId {

    /** What the browser libraries make: 122 random bits, as a UUID of version 4. */
    private static final Pattern RANDOM_UUID =
            Pattern.compile(
                    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}");

    private AnonymousId() {}

    /**
     * A new one.
     *
     * @param random one that cannot be guessed
     */
    public static String mint(RandomGenerator random) {
        long most = (random.nextLong() & ~0xF000L) | 0x4000L;
        long least = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(most, least).toString();
    }

    /**
     * Whether nobody can come upon it by trying; a name that somebody chose, or that counts up,
     * could be another's.
     */
    public static boolean isUnguessable(String text) {
        return RANDOM_UUID.matcher(text).matches()
                && text.replace("-", "").chars().distinct().count() > 4;
    }
}
