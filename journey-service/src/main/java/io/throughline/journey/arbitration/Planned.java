package io.throughline.journey.arbitration;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A contact that a journey is going to make with a customer, and nothing stands between but time.
 *
 * @param origin the send step it comes from
 * @param message the id under which it will be, or has been, asked for
 * @param priority of its journey
 * @param value what it is expected to be worth; zero where the document does not say
 * @param due when it is asked for, or was
 * @param deadline not handed over after this
 * @param channels on which it may go and the customer can be reached, in the order of the document
 * @param addresses where each of the channels reaches the customer
 * @param pending whether it was asked for and nobody knows yet what became of it
 */
public record Planned(
        JourneyRef origin,
        MessageId message,
        int priority,
        BigDecimal value,
        Instant due,
        Instant deadline,
        List<Channel> channels,
        List<String> addresses,
        Category category,
        @Nullable String topic,
        boolean pending) {

    /** The more important first: by priority, value, time, and last by what never changes. */
    public static final Comparator<Planned> BY_RANK =
            Comparator.comparingInt(Planned::priority)
                    .reversed()
                    .thenComparing(Planned::value, Comparator.reverseOrder())
                    .thenComparing(Planned::due)
                    .thenComparing(planned -> planned.origin().journey())
                    .thenComparing(planned -> planned.origin().instance());

    public Planned {
        channels = List.copyOf(channels);
        addresses = List.copyOf(addresses);
    }

    /** Whether it is more important; of two that are level the gate takes whichever asks first. */
    public boolean outranks(Planned other) {
        int priorities = Integer.compare(priority, other.priority);
        return priorities != 0 ? priorities > 0 : value.compareTo(other.value) > 0;
    }

    public boolean goesBefore(Planned other) {
        return BY_RANK.compare(this, other) < 0;
    }
}
