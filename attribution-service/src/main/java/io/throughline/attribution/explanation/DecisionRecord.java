package io.throughline.attribution.explanation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.LimitName;
import io.throughline.governance.explanation.Turning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One decision about a customer, readable by itself.
 *
 * @param kind {@code entered}, {@code held-out}, {@code ghost-send}, {@code channel-chosen}, {@code
 *     deferred}, {@code moved}, {@code withheld}, {@code displaced}, {@code excluded}, {@code
 *     left}, {@code suppressed}, {@code sent}, {@code unknown} or {@code failed}
 * @param channel the one decided for, or the one a message was not sent on
 * @param rule the rule that refused, as in {@code cap:global:P1D}; absent where none did
 * @param reason why, in one word, or the carrier's code; absent where nothing was refused or left
 * @param verdicts what every rule said, in order, with the numbers it saw; the first that did not
 *     pass refused, and one that is marked as the last is followed by rules that were not looked at
 * @param policyVersion the contact policy in force; absent where none was asked
 * @param options channels that were considered, with the probability of each
 * @param until until when a message was put off, or from when it could pass
 * @param by the other journey that a message gave way to or that a customer was in instead; absent
 *     where there was none
 * @param silence what silenced it; absent where nothing did, or it is not known here
 * @param change the smallest change that would have let it pass every rule that refused, as in
 *     "consent for SMS" or "1 contact fewer in all in 1 day, or allowed from …"; absent where no
 *     rule refused
 * @param explanation one sentence for people
 */
public record DecisionRecord(
        UUID id,
        Instant at,
        String kind,
        @Nullable String journey,
        @Nullable Integer journeyVersion,
        @Nullable UUID instance,
        @Nullable String step,
        @Nullable MessageId message,
        @Nullable Channel channel,
        @Nullable String rule,
        @Nullable String reason,
        List<Verdict> verdicts,
        @Nullable Integer policyVersion,
        List<DecisionEvent.Option> options,
        @Nullable Instant until,
        @Nullable JourneyRef by,
        @Nullable Silence silence,
        @Nullable String change,
        String explanation) {

    /**
     * The conversion that a message was silenced after.
     *
     * @param event its name
     * @param at when it happened
     * @param until when the silence ends, if nothing lifts it
     */
    public record Silence(String event, Instant at, Instant until) {}

    /** The same, knowing what silenced it. */
    public DecisionRecord silencedBy(Silence conversion) {
        return new DecisionRecord(
                id,
                at,
                kind,
                journey,
                journeyVersion,
                instance,
                step,
                message,
                channel,
                rule,
                reason,
                verdicts,
                policyVersion,
                options,
                until,
                by,
                conversion,
                change,
                explanation);
    }

    /**
     * Reads a decision.
     *
     * @throws IllegalArgumentException when the event is of a type that tells of none
     */
    public static DecisionRecord of(UUID id, ContractEvent event) {
        return switch (event) {
            case DecisionEvent decision -> of(id, decision);
            case MessageEvent.Suppressed suppressed -> of(id, suppressed);
            case MessageEvent.Sent sent -> of(id, sent);
            case MessageEvent.Unknown unknown -> of(id, unknown);
            case MessageEvent.Failed failed -> of(id, failed);
            default ->
                    throw new IllegalArgumentException(
                            event.getClass().getSimpleName() + " tells of no decision");
        };
    }

    private static DecisionRecord of(UUID id, DecisionEvent event) {
        Draft draft = new Draft(id, event.at(), event.origin(), Sentence.of(event));
        return switch (event) {
            case DecisionEvent.Entered e -> draft.record("entered");
            case DecisionEvent.HeldOut e -> draft.record("held-out");
            case DecisionEvent.GhostSend e -> draft.on(e.channel()).record("ghost-send");
            case DecisionEvent.ChannelChosen e ->
                    draft.message(e.message())
                            .on(e.chosen())
                            .among(e.options())
                            .policy(e.policyVersion())
                            .record("channel-chosen");
            case DecisionEvent.Deferred e ->
                    draft.message(e.message())
                            .on(e.channel())
                            .because(e.reason().word())
                            .ruled(e.verdicts(), e.policyVersion())
                            .until(e.until())
                            .record("deferred");
            case DecisionEvent.Moved e ->
                    draft.message(e.message())
                            .on(e.from())
                            .because(e.reason().word())
                            .ruled(e.verdicts(), e.policyVersion())
                            .record("moved");
            case DecisionEvent.Withheld e ->
                    draft.on(e.channel())
                            .because(e.reason().word())
                            .verdicts(e.verdicts())
                            .policy(e.policyVersion())
                            .record("withheld");
            case DecisionEvent.Displaced e ->
                    draft.message(e.message())
                            .on(e.channel())
                            .because(e.fate().word())
                            .ruled(e.verdicts(), e.policyVersion())
                            .gaveWay(e)
                            .until(e.until())
                            .by(e.by())
                            .record("displaced");
            case DecisionEvent.Excluded e ->
                    draft.because(e.group())
                            .policy(e.policyVersion())
                            .by(e.by())
                            .record("excluded");
            case DecisionEvent.Left e -> draft.because(e.reason()).record("left");
        };
    }

    private static DecisionRecord of(UUID id, MessageEvent.Suppressed event) {
        return new Draft(id, event.at(), event.origin(), Sentence.of(event))
                .message(event.message())
                .on(event.channel())
                .because(event.reason().word())
                .verdicts(event.verdicts())
                .policy(event.policyVersion())
                .until(event.retryAt())
                .record("suppressed");
    }

    private static DecisionRecord of(UUID id, MessageEvent.Sent event) {
        return new Draft(id, event.at(), event.origin(), Sentence.of(event))
                .message(event.message())
                .on(event.channel())
                .verdicts(event.verdicts())
                .policy(event.policyVersion())
                .record("sent");
    }

    private static DecisionRecord of(UUID id, MessageEvent.Unknown event) {
        return new Draft(id, event.at(), event.origin(), Sentence.of(event))
                .message(event.message())
                .on(event.channel())
                .ruled(event.verdicts(), event.policyVersion())
                .record("unknown");
    }

    private static DecisionRecord of(UUID id, MessageEvent.Failed event) {
        return new Draft(id, event.at(), event.origin(), Sentence.of(event))
                .message(event.message())
                .on(event.channel())
                .because(event.code())
                .ruled(event.verdicts(), event.policyVersion())
                .record("failed");
    }

    /** A record in the making: most kinds fill only a few of its fields. */
    private static final class Draft {

        private final UUID id;
        private final Instant at;
        private final @Nullable JourneyRef origin;
        private final String explanation;
        private @Nullable MessageId message;
        private @Nullable Channel channel;
        private @Nullable String reason;
        private @Nullable Integer policyVersion;
        private @Nullable Instant until;
        private @Nullable Verdict gaveWay;
        private @Nullable JourneyRef by;
        private List<Verdict> verdicts = List.of();
        private List<DecisionEvent.Option> options = List.of();

        Draft(UUID id, Instant at, @Nullable JourneyRef origin, String explanation) {
            this.id = id;
            this.at = at;
            this.origin = origin;
            this.explanation = explanation;
        }

        Draft message(MessageId message) {
            this.message = message;
            return this;
        }

        Draft on(@Nullable Channel channel) {
            this.channel = channel;
            return this;
        }

        Draft because(String reason) {
            this.reason = reason;
            return this;
        }

        Draft verdicts(List<Verdict> verdicts) {
            this.verdicts = verdicts;
            return this;
        }

        /** Both may be absent, from older writers too. */
        Draft ruled(@Nullable List<Verdict> verdicts, @Nullable Integer policyVersion) {
            this.verdicts = verdicts == null ? List.of() : verdicts;
            this.policyVersion = policyVersion;
            return this;
        }

        /** Zero is how the lifecycle says that the gate was not asked. */
        Draft policy(int version) {
            this.policyVersion = version == 0 ? null : version;
            return this;
        }

        Draft among(List<DecisionEvent.Option> options) {
            this.options = options;
            return this;
        }

        Draft until(@Nullable Instant until) {
            this.until = until;
            return this;
        }

        /**
         * To the rule that is too narrow for both, with what is still to come counted in. When that
         * ends is not known: it is tried again later, and the other has taken the place by then.
         */
        Draft gaveWay(DecisionEvent.Displaced event) {
            gaveWay =
                    new Verdict(
                            event.rule(),
                            false,
                            event.count() + event.planned(),
                            event.limit(),
                            window(event.rule()),
                            null);
            return this;
        }

        private static @Nullable Duration window(String rule) {
            LimitName name = LimitName.of(rule);
            return name == null ? null : name.window();
        }

        private Optional<Verdict> refusing() {
            return gaveWay == null ? Verdict.refusing(verdicts) : Optional.of(gaveWay);
        }

        private @Nullable String change() {
            List<Verdict> seen = gaveWay == null ? verdicts : List.of(gaveWay);
            return Turning.of(channel, seen, until);
        }

        Draft by(JourneyRef by) {
            this.by = by;
            return this;
        }

        DecisionRecord record(String kind) {
            return new DecisionRecord(
                    id,
                    at,
                    kind,
                    origin == null ? null : origin.journey(),
                    origin == null ? null : origin.version(),
                    origin == null ? null : origin.instance(),
                    origin == null ? null : origin.step(),
                    message,
                    channel,
                    refusing().map(Verdict::rule).orElse(null),
                    reason,
                    verdicts,
                    policyVersion,
                    options,
                    until,
                    by,
                    null,
                    change(),
                    explanation);
        }
    }
}
