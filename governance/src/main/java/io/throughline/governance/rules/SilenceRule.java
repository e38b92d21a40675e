package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.SilenceScope;
import io.throughline.governance.SilenceWrite;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a conversion silences, for how long, and what lifts it.
 *
 * @param name what the rule is known by, whatever its period and condition become
 * @param journey the only journey it covers; absent for all
 * @param categories the only ones it covers; empty for all
 * @param liftedBy names of events that lift the silence of the order they are about
 */
public record SilenceRule(
        String name,
        @Nullable String journey,
        Set<Category> categories,
        Duration period,
        Set<String> liftedBy) {

    private static final String ORDER = "order_id";
    private static final int CAUSE_BYTES = 8;

    public static SilenceRule of(ConversionSilence silence) {
        return of(
                "", silence.on(), null, silence.categories(), silence.period(), silence.liftedBy());
    }

    /** Empty where the conversion begins no silence. */
    public static Optional<SilenceRule> of(String journey, ConversionRule rule) {
        Duration period = rule.silence();
        return period == null
                ? Optional.empty()
                : Optional.of(
                        of(
                                journey,
                                rule.on(),
                                rule.covers() == SilenceScope.THIS_JOURNEY ? journey : null,
                                rule.categories(),
                                period,
                                rule.liftedBy()));
    }

    private static SilenceRule of(
            String owner,
            String on,
            @Nullable String journey,
            @Nullable Set<Category> categories,
            Duration period,
            @Nullable Set<String> liftedBy) {
        Set<Category> covered = categories == null ? Set.of() : Set.copyOf(categories);
        Set<String> lifting = liftedBy == null ? Set.of() : Set.copyOf(liftedBy);
        String name =
                String.join(
                        "\n",
                        owner,
                        on,
                        journey == null ? "all" : "this",
                        new TreeSet<>(covered).toString(),
                        new TreeSet<>(lifting).toString());
        return new SilenceRule(name, journey, covered, period, lifting);
    }

    /**
     * The silence that a conversion begins. It runs from when it was received, not from when its
     * sender says it happened.
     *
     * @param properties of the event
     */
    public SilenceWrite begun(
            CustomerId customer, Map<String, ?> properties, Instant at, Instant receivedAt) {
        String order = liftedBy.isEmpty() ? "" : order(properties);
        return write(customer, order, at, receivedAt, false);
    }

    /**
     * The lifting by an event about an order; empty where it names none, or is none that lifts.
     * Remembered for as long as a silence that comes after it may run.
     */
    public Optional<SilenceWrite> lifted(
            CustomerId customer, Map<String, ?> properties, Instant at, Instant receivedAt) {
        String order = order(properties);
        return order.isEmpty()
                ? Optional.empty()
                : Optional.of(write(customer, order, at, receivedAt, true));
    }

    private SilenceWrite write(
            CustomerId customer, String order, Instant at, Instant receivedAt, boolean lifted) {
        return new SilenceWrite(
                customer,
                journey,
                categories,
                cause(order),
                believed(at, receivedAt),
                receivedAt.plus(period),
                lifted);
    }

    /** Senders' clocks go wrong: nothing happened later than it was heard of. */
    private static Instant believed(Instant at, Instant receivedAt) {
        Instant notLater = at.isAfter(receivedAt) ? receivedAt : at;
        return notLater.isBefore(Instant.EPOCH) ? Instant.EPOCH : notLater;
    }

    /** A name or a number; whatever else stands there names no order. */
    private static String order(Map<String, ?> properties) {
        return switch (properties.get(ORDER)) {
            case String text -> text.strip();
            case Number number -> number.toString();
            case null, default -> "";
        };
    }

    /** A hash, since what a sender calls an order may be any text of any length. */
    private String cause(String order) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest((name + "\n" + order).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, CAUSE_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
