package io.throughline.identity.resolution;

/** How far a source is believed that says who somebody is. */
public enum Trust {
    /** It knows: a shop's own sign-up, a bank's app. */
    TRUSTED,
    /**
     * It repeats what somebody typed. Only what the device itself carries says who it was; an
     * email, a phone number or a user id joins nobody until a trusted source says the same.
     */
    CLAIMED
}
