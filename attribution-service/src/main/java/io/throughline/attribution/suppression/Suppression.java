package io.throughline.attribution.suppression;

import io.throughline.contracts.Category;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.message.MessageEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one event tells of something that ought to keep messages back. Several may tell of one
 * opt-out: the channel service that it was heard, the channel service that it is in force, identity
 * that it is in the ledger. They have one {@link #id}, and of each time the earliest counts, so the
 * order of arrival and redelivery do not matter.
 *
 * @param id of the event for a silence, made of what it says for an opt-out
 * @param channel of an opt-out
 * @param topic of an opt-out from less than the channel
 * @param journey of a silence that covers this one alone
 * @param name of the event that converted
 * @param source that told of the conversion; the means of an opt-out
 * @param leftAt when its source sent it
 * @param receivedAt when it reached Throughline
 * @param inForceAt when the gate had answered
 * @param until of a silence, the first instant that is not silent any more
 * @param askedAt when an opt-out was asked for at a door of ours
 * @param acknowledgedAt the earliest time at which whoever asked can have been answered
 * @param cause what a silence is because of; absent of an opt-out, and from older writers
 * @param categories the only ones a silence covers, by their words; absent for all
 * @param causedAt only a lifting that happened later ends a silence of this cause
 */
public record Suppression(
        UUID id,
        CustomerId customer,
        Kind kind,
        @Nullable String channel,
        @Nullable String topic,
        @Nullable String journey,
        @Nullable String name,
        String source,
        Instant happenedAt,
        @Nullable Instant leftAt,
        @Nullable Instant receivedAt,
        @Nullable Instant inForceAt,
        @Nullable Instant until,
        @Nullable Instant askedAt,
        @Nullable Instant acknowledgedAt,
        @Nullable String cause,
        @Nullable String categories,
        @Nullable Instant causedAt) {

    private static final String COMPLAINT = "complaint";

    /** What keeps messages back. */
    public enum Kind {
        CONVERSION("conversion"),
        OPT_OUT("opt_out");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /**
     * @param event the id of the event that tells of it
     */
    public static Suppression of(UUID event, SilenceBegun begun) {
        Way way = Way.of(begun.occurredAt(), begun.sentAt(), begun.receivedAt());
        return new Suppression(
                event,
                begun.customer(),
                Kind.CONVERSION,
                null,
                null,
                begun.journey(),
                begun.name(),
                begun.source(),
                way.happenedAt(),
                way.leftAt(),
                way.receivedAt(),
                begun.inForceAt(),
                begun.until(),
                null,
                null,
                begun.cause(),
                categories(begun),
                begun.causedAt());
    }

    private static @Nullable String categories(SilenceBegun begun) {
        Set<Category> covered = begun.categories();
        return covered == null || covered.isEmpty()
                ? null
                : covered.stream().map(Category::word).sorted().collect(Collectors.joining(","));
    }

    /**
     * Empty for an opt-in. One that was neither asked for here nor heard by the channel service is
     * from elsewhere, as an import is: until it was recorded, its source held it.
     */
    public static Optional<Suppression> of(ConsentChanged said) {
        if (said.state() != ConsentState.OPTED_OUT) {
            return Optional.empty();
        }
        boolean askedHere = said.receivedAt() != null;
        boolean foreign = !askedHere && said.inForceAt() == null;
        Instant received = foreign ? said.recordedAt() : said.receivedAt();
        return Optional.of(
                optOut(
                        said.customer(),
                        said.channel().word(),
                        said.topic(),
                        said.source(),
                        said.occurredAt(),
                        received,
                        foreign ? said.recordedAt() : said.inForceAt(),
                        said.receivedAt(),
                        askedHere ? said.recordedAt() : null));
    }

    /** Empty where the event tells of no opt-out of somebody who is known. */
    public static Optional<Suppression> of(MessageEvent event) {
        return switch (event) {
            case MessageEvent.Unsubscribed e ->
                    heard(e, e.topic(), e.means(), e.at(), null, null, null);
            case MessageEvent.Complained e -> heard(e, null, COMPLAINT, e.at(), null, null, null);
            case MessageEvent.StopInForce e ->
                    heard(e, null, e.means(), e.saidAt(), e.at(), e.saidAt(), e.acknowledgedAt());
            case MessageEvent.Replied e -> Optional.empty();
            case MessageEvent.OfMessage e -> Optional.empty();
            case MessageEvent.Reassigned e -> Optional.empty();
        };
    }

    private static Optional<Suppression> heard(
            MessageEvent.FromAddress event,
            @Nullable String topic,
            String means,
            Instant saidAt,
            @Nullable Instant inForceAt,
            @Nullable Instant askedAt,
            @Nullable Instant acknowledgedAt) {
        CustomerId customer = event.customer();
        return customer == null
                ? Optional.empty()
                : Optional.of(
                        optOut(
                                customer,
                                event.channel().word(),
                                topic,
                                means,
                                saidAt,
                                saidAt,
                                inForceAt,
                                askedAt,
                                acknowledgedAt));
    }

    private static Suppression optOut(
            CustomerId customer,
            String channel,
            @Nullable String topic,
            String means,
            Instant saidAt,
            @Nullable Instant receivedAt,
            @Nullable Instant inForceAt,
            @Nullable Instant askedAt,
            @Nullable Instant acknowledgedAt) {
        // The ledger keeps whole milliseconds, and what it relays has to be the same opt-out.
        Instant happened = saidAt.truncatedTo(ChronoUnit.MILLIS);
        return new Suppression(
                named(customer + "|" + channel + "|" + topic + "|" + happened),
                customer,
                Kind.OPT_OUT,
                channel,
                topic,
                null,
                null,
                means,
                happened,
                receivedAt,
                receivedAt,
                inForceAt,
                null,
                askedAt,
                acknowledgedAt,
                null,
                null,
                null);
    }

    private static UUID named(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Both tellings of the same. */
    public Suppression and(Suppression other) {
        return new Suppression(
                id,
                customer,
                kind,
                channel,
                topic,
                journey,
                name,
                source.compareTo(other.source) <= 0 ? source : other.source,
                happenedAt,
                earlier(leftAt, other.leftAt),
                earlier(receivedAt, other.receivedAt),
                earlier(inForceAt, other.inForceAt),
                until,
                earlier(askedAt, other.askedAt),
                earlier(acknowledgedAt, other.acknowledgedAt),
                cause,
                categories,
                causedAt);
    }

    static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.isBefore(b) ? a : b;
    }
}
