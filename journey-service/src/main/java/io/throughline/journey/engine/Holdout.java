package io.throughline.journey.engine;

import io.throughline.contracts.CustomerId;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Who is held out of a journey: a hash of customer and journey key, so that the assignment is the
 * same after a restart, in every version and in the dry run, and independent between journeys.
 */
final class Holdout {

    private static final int BUCKETS = 10_000;

    private Holdout() {}

    /**
     * @param percentage 0 to 100, in steps of 0.01
     */
    static boolean has(CustomerId customer, String journey, BigDecimal percentage) {
        return percentage.signum() > 0
                && bucket(customer, journey) < percentage.movePointRight(2).intValue();
    }

    /** How probable it was for a customer to be held out, 0 to 1. */
    static double probability(BigDecimal percentage) {
        return percentage.movePointLeft(2).doubleValue();
    }

    private static int bucket(CustomerId customer, String journey) {
        byte[] hash =
                sha256().digest(
                                ("holdout/" + journey + "/" + customer)
                                        .getBytes(StandardCharsets.UTF_8));
        return (int) Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), BUCKETS);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
