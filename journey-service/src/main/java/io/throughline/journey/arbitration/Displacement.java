package io.throughline.journey.arbitration;

import io.throughline.contracts.message.JourneyRef;

/**
 * Why a message gave way.
 *
 * @param by what it gave way to
 * @param rule the cap that is too narrow for both
 * @param count contacts that counted under it
 * @param limit what it allows
 * @param planned more important contacts that held a place under it
 */
public record Displacement(
        JourneyRef by, String rule, int count, int limit, int planned, int policyVersion) {

    /** That of a contact which had to yield. */
    public static Displacement of(Ruling.Yields yields, int policyVersion) {
        return new Displacement(
                yields.to().origin(),
                yields.room().rule(),
                yields.room().count(),
                yields.room().limit(),
                yields.planned(),
                policyVersion);
    }
}
