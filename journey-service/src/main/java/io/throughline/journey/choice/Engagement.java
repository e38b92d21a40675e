package io.throughline.journey.choice;

/**
 * How a customer has answered one channel so far.
 *
 * @param sent messages handed over
 * @param engaged those of them that were clicked, answered, or opened by the customer and not by a
 *     machine; one message counts once
 */
public record Engagement(long sent, long engaged) {

    public static final Engagement NONE = new Engagement(0, 0);

    /**
     * The weight of what is believed before anything is known, in messages. With one engagement in
     * {@code PRIOR_MESSAGES} a channel never tried starts at 10 %, and ten messages without an
     * answer halve that.
     */
    static final double PRIOR_MESSAGES = 10;

    public Engagement {
        if (sent < 0 || engaged < 0) {
            throw new IllegalArgumentException("messages are counted from 0");
        }
    }

    /**
     * The smoothed rate {@code (engaged + 1) / (sent + 10)}, at most 1: the mean of a Beta(1, 9)
     * prior after what was seen.
     */
    public double rate() {
        return Math.min(1, (engaged + 1) / (sent + PRIOR_MESSAGES));
    }

    /** What two customers that turned out to be one did together. */
    public Engagement plus(Engagement other) {
        return new Engagement(sent + other.sent, engaged + other.engaged);
    }
}
