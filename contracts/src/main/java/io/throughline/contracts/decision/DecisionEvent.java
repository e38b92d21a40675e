package io.throughline.contracts.decision;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the topic {@code throughline.decisions} carries. */
public sealed interface DecisionEvent extends ContractEvent {

    CustomerId customer();

    /** Where in which journey it was decided. */
    JourneyRef origin();

    Instant at();

    @Override
    default String partitionKey() {
        return customer().toString();
    }

    @Override
    default List<CustomerId> tellsOf() {
        return List.of(customer());
    }

    /**
     * A customer entered a journey and is treated.
     *
     * @param trigger the {@code messageId} of the event that led in
     * @param holdout the probability with which the customer would have been held out, so that a
     *     reader can tell whether the arms came out as they should; absent from older writers
     */
    record Entered(
            CustomerId customer,
            JourneyRef origin,
            String trigger,
            @Nullable Double holdout,
            Instant at)
            implements DecisionEvent {

        public Entered(CustomerId customer, JourneyRef origin, String trigger, Instant at) {
            this(customer, origin, trigger, null, at);
        }
    }

    /**
     * A customer qualified and was assigned to the holdout: the journey runs as a ghost and sends
     * nothing.
     *
     * @param holdout the probability of that; absent from older writers
     */
    record HeldOut(
            CustomerId customer,
            JourneyRef origin,
            String trigger,
            @Nullable Double holdout,
            Instant at)
            implements DecisionEvent {

        public HeldOut(CustomerId customer, JourneyRef origin, String trigger, Instant at) {
            this(customer, origin, trigger, null, at);
        }
    }

    /** What a held-out customer would have been sent. */
    record GhostSend(
            CustomerId customer, JourneyRef origin, Channel channel, String template, Instant at)
            implements DecisionEvent {}

    /**
     * A channel was chosen among several.
     *
     * @param options every channel that was considered, best first
     */
    record ChannelChosen(
            CustomerId customer,
            JourneyRef origin,
            MessageId message,
            Channel chosen,
            List<Option> options,
            int policyVersion,
            Instant at)
            implements DecisionEvent {}

    /**
     * One channel that was considered.
     *
     * @param score what it was ranked by: the smoothed engagement rate
     * @param probability with which it was chosen, given who could be reached
     * @param infeasible why it could not be chosen; absent where it could
     */
    record Option(
            Channel channel,
            double score,
            double probability,
            @Nullable SuppressionReason infeasible) {}

    /**
     * A message was put off.
     *
     * @param channel that it was put off on; absent from older writers
     * @param verdicts what every rule of the gate said on that channel; absent from older writers
     * @param policyVersion the contact policy in force; absent with the verdicts
     */
    record Deferred(
            CustomerId customer,
            JourneyRef origin,
            MessageId message,
            SuppressionReason reason,
            Instant until,
            @Nullable Channel channel,
            @Nullable List<Verdict> verdicts,
            @Nullable Integer policyVersion,
            Instant at)
            implements DecisionEvent {

        public Deferred(
                CustomerId customer,
                JourneyRef origin,
                MessageId message,
                SuppressionReason reason,
                Instant until,
                Instant at) {
            this(customer, origin, message, reason, until, null, null, null, at);
        }
    }

    /**
     * A message moved to another channel, or the journey took the step's other branch.
     *
     * @param verdicts what every rule of the gate said, of which the first that did not pass
     *     refused it; absent where it was not the gate that refused, and from older writers
     * @param policyVersion the contact policy in force; absent with the verdicts
     */
    record Moved(
            CustomerId customer,
            JourneyRef origin,
            MessageId message,
            Channel from,
            @Nullable Channel to,
            SuppressionReason reason,
            @Nullable List<Verdict> verdicts,
            @Nullable Integer policyVersion,
            Instant at)
            implements DecisionEvent {

        public Moved(
                CustomerId customer,
                JourneyRef origin,
                MessageId message,
                Channel from,
                @Nullable Channel to,
                SuppressionReason reason,
                Instant at) {
            this(customer, origin, message, from, to, reason, null, null, at);
        }
    }

    /**
     * A step would have sent, and the journey itself saw that it could not: it was never asked for.
     *
     * @param channel absent where several were considered and none was left
     */
    record Withheld(
            CustomerId customer,
            JourneyRef origin,
            @Nullable Channel channel,
            SuppressionReason reason,
            List<Verdict> verdicts,
            int policyVersion,
            Instant at)
            implements DecisionEvent {}

    /**
     * A message gave way to a more important one of another journey, since the caps leave no room
     * for both.
     *
     * @param by what it gave way to: the planned message's journey and step
     * @param rule the cap that is too narrow for both
     * @param count contacts that count under it at this instant
     * @param limit what it allows
     * @param planned more important contacts that are still to come and hold room under it
     * @param until when it is tried again; absent where it was dropped
     * @param verdicts what every rule of the gate said of it at this instant; absent where it was
     *     not asked then, and from older writers
     */
    record Displaced(
            CustomerId customer,
            JourneyRef origin,
            MessageId message,
            Channel channel,
            Fate fate,
            JourneyRef by,
            String rule,
            int count,
            int limit,
            int planned,
            @Nullable Instant until,
            int policyVersion,
            @Nullable List<Verdict> verdicts,
            Instant at)
            implements DecisionEvent {

        public Displaced(
                CustomerId customer,
                JourneyRef origin,
                MessageId message,
                Channel channel,
                Fate fate,
                JourneyRef by,
                String rule,
                int count,
                int limit,
                int planned,
                @Nullable Instant until,
                int policyVersion,
                Instant at) {
            this(
                    customer,
                    origin,
                    message,
                    channel,
                    fate,
                    by,
                    rule,
                    count,
                    limit,
                    planned,
                    until,
                    policyVersion,
                    null,
                    at);
        }
    }

    /** What becomes of a message that gave way. */
    enum Fate {
        DEFERRED,
        DROPPED;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        public static Fate of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * A customer qualified for a journey and was not let in, being in another of its exclusion
     * group.
     *
     * @param origin of the journey that was refused; its instance never ran
     * @param trigger the {@code messageId} of the event that would have led in
     * @param group the exclusion group's name
     * @param by where the customer is instead
     */
    record Excluded(
            CustomerId customer,
            JourneyRef origin,
            String trigger,
            String group,
            JourneyRef by,
            int policyVersion,
            Instant at)
            implements DecisionEvent {}

    /**
     * A customer left a journey.
     *
     * @param reason {@code completed}, {@code goal}, {@code exit-event}, {@code exit-step}, {@code
     *     archived}, {@code merged}, {@code displaced} by another journey of its exclusion group
     * @param detail as in the event's or the exit step's name, or the other journey's key
     */
    record Left(
            CustomerId customer,
            JourneyRef origin,
            String reason,
            @Nullable String detail,
            Instant at)
            implements DecisionEvent {}
}
