package io.throughline.chassis.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The known tokens by their hash. Looking a hash up takes a time that depends on the hash, not on
 * the token, so it tells a guesser nothing.
 */
final class Tokens {

    private final Map<String, Set<String>> rolesByHash;

    private Tokens(Map<String, Set<String>> rolesByHash) {
        this.rolesByHash = rolesByHash;
    }

    /**
     * Reads {@code role:sha256} entries.
     *
     * @throws IllegalArgumentException saying what is wrong with which entry, without repeating it
     */
    static Tokens parse(List<String> entries, String serviceToken) {
        Map<String, Set<String>> roles = new LinkedHashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            String entry = entries.get(i).strip();
            int colon = entry.indexOf(':');
            String hash = entry.substring(colon + 1);
            if (colon < 0 || !hash.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException(
                        "throughline.auth.tokens: entry "
                                + (i + 1)
                                + " is not role:sha256 with 64 lower-case hex digits");
            }
            roles.put(hash, Roles.impliedBy(entry.substring(0, colon)));
        }
        roles.put(sha256(serviceToken), Roles.impliedBy(Roles.SERVICE));
        return new Tokens(Map.copyOf(roles));
    }

    /** The roles of a token; empty when it is not known. */
    Set<String> rolesOf(String token) {
        return rolesByHash.getOrDefault(sha256(token), Set.of());
    }

    static String sha256(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
