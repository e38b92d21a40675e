package io.throughline.contracts.message;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Reassignment;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the topic {@code throughline.messages.lifecycle} carries. */
public sealed interface MessageEvent extends ContractEvent {

    Channel channel();

    /** When it happened: the provider's time where it gives one. */
    Instant at();

    /** Something that became of one known message. */
    sealed interface OfMessage extends MessageEvent {

        MessageId message();

        CustomerId customer();

        @Nullable JourneyRef origin();

        @Override
        default String partitionKey() {
            return customer().toString();
        }

        @Override
        default List<CustomerId> tellsOf() {
            return List.of(customer());
        }
    }

    /**
     * Something an address said; which message and which customer it answers is known only
     * sometimes.
     */
    sealed interface FromAddress extends MessageEvent {

        /** Email address or E.164 number. */
        String address();

        @Nullable MessageId message();

        @Nullable CustomerId customer();

        @Override
        default String partitionKey() {
            CustomerId customer = customer();
            return customer == null ? address() : customer.toString();
        }

        @Override
        default List<CustomerId> tellsOf() {
            CustomerId customer = customer();
            return customer == null ? List.of() : List.of(customer);
        }
    }

    /**
     * Not handed over, and not going to be.
     *
     * @param verdicts what every rule said, in order, of which the first that did not pass is the
     *     reason; empty where the gate was not asked
     * @param policyVersion the contact policy in force; 0 where the gate was not asked
     * @param retryAt the earliest time at which it could pass, where waiting helps
     */
    record Suppressed(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            SuppressionReason reason,
            List<Verdict> verdicts,
            int policyVersion,
            @Nullable Instant retryAt,
            Instant at)
            implements OfMessage {}

    /**
     * Taken by the carrier or provider.
     *
     * @param route the way it went
     * @param providerId the carrier's id, of the first part where there are several
     * @param parts segments of an SMS; 1 otherwise
     * @param at when the carrier's answer came
     * @param topic the consent topic it belongs to; absent where the channel's consent alone counts
     * @param handedOverAt when the gate last let it go, which is milliseconds before the carrier
     *     could take it; absent from older writers
     * @param category absent from older writers
     */
    record Sent(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            String template,
            String route,
            @Nullable String providerId,
            int parts,
            List<Verdict> verdicts,
            int policyVersion,
            Instant at,
            @Nullable String topic,
            @Nullable Instant handedOverAt,
            @Nullable Category category)
            implements OfMessage {

        /** As writers told it that named no category. */
        public Sent(
                MessageId message,
                CustomerId customer,
                Channel channel,
                @Nullable JourneyRef origin,
                String template,
                String route,
                @Nullable String providerId,
                int parts,
                List<Verdict> verdicts,
                int policyVersion,
                Instant at,
                @Nullable String topic,
                @Nullable Instant handedOverAt) {
            this(
                    message,
                    customer,
                    channel,
                    origin,
                    template,
                    route,
                    providerId,
                    parts,
                    verdicts,
                    policyVersion,
                    at,
                    topic,
                    handedOverAt,
                    null);
        }

        /** As older writers told it. */
        public Sent(
                MessageId message,
                CustomerId customer,
                Channel channel,
                @Nullable JourneyRef origin,
                String template,
                String route,
                @Nullable String providerId,
                int parts,
                List<Verdict> verdicts,
                int policyVersion,
                Instant at) {
            this(
                    message,
                    customer,
                    channel,
                    origin,
                    template,
                    route,
                    providerId,
                    parts,
                    verdicts,
                    policyVersion,
                    at,
                    null,
                    null);
        }
    }

    /** Reached the customer, as far as the carrier knows. */
    record Delivered(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            Instant at)
            implements OfMessage {}

    /**
     * Refused by the carrier, or taken and then not delivered.
     *
     * @param code the carrier's, as in {@code 0x0B} or {@code 550 5.1.1} or {@code UNDELIV}
     * @param verdicts the rules that let it be handed over, with what they saw; absent where that
     *     was told before, and from older writers
     * @param policyVersion the contact policy in force then; absent with the verdicts
     */
    record Failed(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            String code,
            String detail,
            @Nullable List<Verdict> verdicts,
            @Nullable Integer policyVersion,
            Instant at)
            implements OfMessage {

        /** After the message was told as sent. */
        public Failed(
                MessageId message,
                CustomerId customer,
                Channel channel,
                @Nullable JourneyRef origin,
                String code,
                String detail,
                Instant at) {
            this(message, customer, channel, origin, code, detail, null, null, at);
        }
    }

    /**
     * Whether the carrier took it is not known; it is not sent again unless it is transactional.
     *
     * @param verdicts the rules that let it be handed over, with what they saw; absent where nobody
     *     is left who knows, and from older writers
     * @param policyVersion the contact policy in force then; absent with the verdicts
     * @param topic the consent topic it belongs to; absent where the channel's consent alone counts
     * @param handedOverAt when the gate last let it go; absent from older writers
     * @param category absent from older writers
     */
    record Unknown(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            String detail,
            @Nullable List<Verdict> verdicts,
            @Nullable Integer policyVersion,
            Instant at,
            @Nullable String topic,
            @Nullable Instant handedOverAt,
            @Nullable Category category)
            implements OfMessage {

        /** As older writers told it. */
        public Unknown(
                MessageId message,
                CustomerId customer,
                Channel channel,
                @Nullable JourneyRef origin,
                String detail,
                @Nullable List<Verdict> verdicts,
                @Nullable Integer policyVersion,
                Instant at) {
            this(
                    message,
                    customer,
                    channel,
                    origin,
                    detail,
                    verdicts,
                    policyVersion,
                    at,
                    null,
                    null,
                    null);
        }

        /** Where nobody knows any more why it was handed over. */
        public Unknown(
                MessageId message,
                CustomerId customer,
                Channel channel,
                @Nullable JourneyRef origin,
                String detail,
                Instant at) {
            this(message, customer, channel, origin, detail, null, null, at);
        }
    }

    /**
     * Taken back before the carrier had delivered it: the carrier says that it never will.
     *
     * @param means how, as in {@code cancel_sm}
     * @param cause what came after the hand-over, as in {@code opt_out} or {@code conversion}
     */
    record Recalled(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            String means,
            String cause,
            Instant at)
            implements OfMessage {}

    /**
     * Something came after the hand-over that would have kept it back, and it could not be taken
     * back.
     *
     * @param cause as in {@code opt_out} or {@code conversion}
     * @param why as in {@code email cannot be recalled once taken} or the carrier's code
     */
    record NotRecalled(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            RecallOutcome outcome,
            String cause,
            String why,
            Instant at)
            implements OfMessage {}

    /**
     * @param machine whether a proxy or scanner, not the customer, is likely to have loaded it
     */
    record Opened(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            boolean machine,
            Instant at)
            implements OfMessage {}

    record Clicked(
            MessageId message,
            CustomerId customer,
            Channel channel,
            @Nullable JourneyRef origin,
            String url,
            Instant at)
            implements OfMessage {}

    /**
     * A message turned out to have been another customer's, as its address is. It is told as the
     * first customer's, after all that was told of the message as hers.
     *
     * @param customer as whose it was asked for
     * @param to whose it is
     * @param at when the address went to that one; of two, the later counts
     */
    record Reassigned(
            MessageId message, CustomerId customer, CustomerId to, Channel channel, Instant at)
            implements MessageEvent, Reassignment {

        @Override
        public String partitionKey() {
            return customer().toString();
        }

        @Override
        public List<CustomerId> tellsOf() {
            return List.of(customer, to);
        }
    }

    /**
     * The customer wrote back.
     *
     * @param keyword the normalised keyword where the text was one, as in {@code START} or {@code
     *     HELP}; the text itself stays in the channel service
     */
    record Replied(
            @Nullable MessageId message,
            @Nullable CustomerId customer,
            Channel channel,
            String address,
            @Nullable String keyword,
            Instant at)
            implements FromAddress {}

    /**
     * Opted out by answering or by the message's own link. Already in force at the gate.
     *
     * @param topic absent where the whole channel is meant
     * @param means as in {@code keyword}, {@code one-click}, {@code page}
     * @param evidence as in the keyword itself
     */
    record Unsubscribed(
            @Nullable MessageId message,
            @Nullable CustomerId customer,
            Channel channel,
            String address,
            @Nullable String topic,
            String means,
            String evidence,
            Instant at)
            implements FromAddress {}

    /**
     * An opt-out that was told as {@link Unsubscribed} is in force at the gate and was answered;
     * told of for its times alone.
     *
     * @param saidAt the {@code at} of that
     * @param acknowledgedAt when whoever opted out was free to be told so, at the earliest
     * @param at when the gate had answered that it is in force
     */
    record StopInForce(
            @Nullable MessageId message,
            @Nullable CustomerId customer,
            Channel channel,
            String address,
            String means,
            Instant saidAt,
            Instant acknowledgedAt,
            Instant at)
            implements FromAddress {}

    /** Reported as spam. */
    record Complained(
            @Nullable MessageId message,
            @Nullable CustomerId customer,
            Channel channel,
            String address,
            Instant at)
            implements FromAddress {}
}
