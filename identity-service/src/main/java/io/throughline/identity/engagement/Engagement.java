package io.throughline.identity.engagement;

import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of the messages of one channel to one customer.
 *
 * <p>What happened lately is not kept as a list: each message and each engagement adds a weight
 * that doubles every {@link #HALF_LIFE}, so that of two sums the share is the recent one, whenever
 * it is asked for, and sums can be added in any order.
 *
 * @param opened without those that a proxy or scanner is likely to have made
 * @param lastEngaged when she last opened, clicked or replied
 * @param lastRefused when the carrier last said that nobody can be reached at the address
 * @param refusal its code
 * @param lastAnswered the message that she last engaged with: doing so again is no more of it
 * @param sentWeight of messages
 * @param engagedWeight of messages that she engaged with
 */
public record Engagement(
        long sent,
        long delivered,
        long failed,
        long opened,
        long clicked,
        long replied,
        @Nullable Instant lastSent,
        @Nullable Instant lastDelivered,
        @Nullable Instant lastEngaged,
        @Nullable Instant lastRefused,
        @Nullable String refusal,
        @Nullable MessageId lastAnswered,
        double sentWeight,
        double engagedWeight) {

    /** What happened so long ago counts half. */
    public static final Duration HALF_LIFE = Duration.ofDays(90);

    public static final Engagement NONE =
            new Engagement(0, 0, 0, 0, 0, 0, null, null, null, null, null, null, 0, 0);

    private static final Instant WEIGHS_ONE = Instant.parse("2026-01-01T00:00:00Z");

    /** Counts in what an event says, if it says anything of it. */
    public Engagement with(MessageEvent event, Instant now) {
        return Sign.of(event).map(sign -> with(sign, now)).orElse(this);
    }

    /**
     * Counts a sign in.
     *
     * @param now clocks of carriers go wrong: nothing happened later
     */
    public Engagement with(Sign sign, Instant now) {
        return plus(one(sign, sign.at().isAfter(now) ? now : sign.at()));
    }

    private Engagement one(Sign sign, Instant at) {
        return switch (sign.kind()) {
            case SENT ->
                    new Engagement(
                            1, 0, 0, 0, 0, 0, at, null, null, null, null, null, weight(at), 0);
            case DELIVERED ->
                    new Engagement(0, 1, 0, 0, 0, 0, null, at, null, null, null, null, 0, 0);
            case FAILED -> {
                String code = sign.code();
                boolean refused = code != null && nobodyThere(sign.channel(), code);
                yield new Engagement(
                        0,
                        0,
                        1,
                        0,
                        0,
                        0,
                        null,
                        null,
                        null,
                        refused ? at : null,
                        refused ? code : null,
                        null,
                        0,
                        0);
            }
            case OPENED -> engaged(1, 0, 0, sign.message(), at);
            case CLICKED -> engaged(0, 1, 0, sign.message(), at);
            case REPLIED -> engaged(0, 0, 1, sign.message(), at);
        };
    }

    private Engagement engaged(
            int opened, int clicked, int replied, @Nullable MessageId message, Instant at) {
        boolean again = message != null && message.equals(lastAnswered);
        return new Engagement(
                0,
                0,
                0,
                opened,
                clicked,
                replied,
                null,
                null,
                at,
                null,
                null,
                message,
                0,
                again ? 0 : weight(at));
    }

    /** Of one customer under two ids. */
    public Engagement plus(Engagement other) {
        boolean refusedLater = isLater(other.lastRefused, lastRefused);
        boolean engagedLater = isLater(other.lastEngaged, lastEngaged);
        return new Engagement(
                sent + other.sent,
                delivered + other.delivered,
                failed + other.failed,
                opened + other.opened,
                clicked + other.clicked,
                replied + other.replied,
                later(lastSent, other.lastSent),
                later(lastDelivered, other.lastDelivered),
                later(lastEngaged, other.lastEngaged),
                refusedLater ? other.lastRefused : lastRefused,
                refusedLater ? other.refusal : refusal,
                engagedLater ? other.lastAnswered : lastAnswered,
                sentWeight + other.sentWeight,
                engagedWeight + other.engagedWeight);
    }

    /** How often she engaged, however and with whatever. */
    public long engagements() {
        return opened + clicked + replied;
    }

    /** Whether nobody was there at the last try, and nothing has shown otherwise since. */
    boolean lastTryRefused(Instant since) {
        return lastRefused != null
                && !isLater(since, lastRefused)
                && !isLater(lastDelivered, lastRefused)
                && !isLater(lastEngaged, lastRefused);
    }

    /**
     * The channel whose messages she engages with most, as a share of those that were sent, what is
     * 90 days ago counting half. To each channel one more message that was not answered is added,
     * as of the last that was sent at all, so that a single answer is not a habit. Of two alike the
     * one that she used later.
     *
     * @return empty where she never engaged
     */
    public static Optional<Channel> favourite(Map<Channel, Engagement> channels) {
        double oneMore =
                channels.values().stream()
                        .map(Engagement::lastSent)
                        .mapToDouble(at -> at == null ? 1 : weight(at))
                        .max()
                        .orElse(1);
        return channels.entrySet().stream()
                .filter(e -> e.getValue().engagements() > 0)
                .max(
                        Comparator.comparingDouble((Map.Entry<Channel, Engagement> e) ->
                                        e.getValue().share(oneMore))
                                .thenComparing(e ->
                                        Optional.ofNullable(e.getValue().lastEngaged())
                                                .orElse(Instant.MIN))
                                .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey);
    }

    private double share(double oneMore) {
        return Math.min(1, engagedWeight / (sentWeight + oneMore));
    }

    /**
     * Whether a code says that the address is nobody's: of mail what RFC 3463 calls a bad or
     * disabled mailbox, or the reply codes 550, 551 and 553 of a server that says no more; of SMS
     * an invalid destination. A phone that is switched off, a full mailbox and a content that was
     * not liked are not.
     */
    private static boolean nobodyThere(Channel channel, String code) {
        return switch (channel) {
            case EMAIL ->
                    code.matches("5\\d\\d 5\\.(1\\.\\d+|2\\.1)(\\D.*)?|(550|551|553)( [^5].*)?");
            case SMS -> code.equals("0x0B");
            case WHATSAPP, PUSH, IN_APP -> false;
        };
    }

    private static double weight(Instant at) {
        double halves =
                (double) Duration.between(WEIGHS_ONE, at).toSeconds() / HALF_LIFE.toSeconds();
        return Math.pow(2, halves);
    }

    private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
        return isLater(b, a) ? b : a;
    }

    private static boolean isLater(@Nullable Instant a, @Nullable Instant b) {
        return a != null && (b == null || a.isAfter(b));
    }
}
