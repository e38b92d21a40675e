package io.throughline.channel.delivery;

import io.throughline.channel.route.HandOver;
import io.throughline.contracts.message.MessageRequested.Fallback;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a claim; each is one state change, one row of history, and mostly one event. */
public sealed interface Outcome {

    Claim claim();

    Instant at();

    /** The state the message is in afterwards. */
    MessageState state();

    /** What the gate is to do with the contact that the message may have been counted as. */
    Charge charge();

    enum Charge {
        /** It counts: it was handed over, or may have been. */
        KEPT,
        /** It certainly was not handed over. */
        RETURNED;

        /** Of an attempt that was not handed over: what an earlier one is counted as stays. */
        static Charge notHandedOver(Claim claim) {
            return claim.countedAt() == null ? RETURNED : KEPT;
        }
    }

    /** The gate's word, as it stands in the record of a message. */
    record Ruling(List<Verdict> verdicts, int policyVersion) {

        /** Where the gate was not asked. */
        public static final Ruling NONE = new Ruling(List.of(), 0);
    }

    /**
     * @param countedAt when the gate counted it
     */
    record Sent(
            Claim claim,
            String route,
            List<String> providerIds,
            Ruling ruling,
            Instant countedAt,
            Instant at)
            implements Outcome {
        @Override
        public MessageState state() {
            return MessageState.SENT;
        }

        @Override
        public Charge charge() {
            return Charge.KEPT;
        }
    }

    record Failed(Claim claim, String route, String code, String detail, Ruling ruling, Instant at)
            implements Outcome {
        @Override
        public MessageState state() {
            return MessageState.FAILED;
        }

        @Override
        public Charge charge() {
            return Charge.notHandedOver(claim);
        }
    }

    /**
     * @param route the way it went; absent where its process was not heard of again
     * @param countedAt when it was counted at the latest
     * @param handedOverAt when it left, if it did
     */
    record Unknown(
            Claim claim,
            @Nullable String route,
            HandOver.Unknown answer,
            Ruling ruling,
            Instant countedAt,
            Instant handedOverAt,
            Instant at)
            implements Outcome {
        @Override
        public MessageState state() {
            return MessageState.UNKNOWN;
        }

        @Override
        public Charge charge() {
            return Charge.KEPT;
        }
    }

    record Suppressed(
            Claim claim,
            SuppressionReason reason,
            @Nullable Instant retryAt,
            Ruling ruling,
            String detail,
            Instant at)
            implements Outcome {
        @Override
        public MessageState state() {
            return MessageState.SUPPRESSED;
        }

        @Override
        public Charge charge() {
            return Charge.notHandedOver(claim);
        }
    }

    /**
     * @param attempts what the message's count is from now on
     */
    record Requeued(
            Claim claim, Instant notBefore, int attempts, String why, Charge charge, Instant at)
            implements Outcome {
        @Override
        public MessageState state() {
            return MessageState.QUEUED;
        }
    }

    /**
     * The same message goes on another channel.
     *
     * @param remaining the fallbacks after that one
     */
    record Rerouted(
            Claim claim,
            Fallback to,
            List<Fallback> remaining,
            SuppressionReason reason,
            Ruling ruling,
            Instant at)
            implements Outcome {
        @Override
        public MessageState state() {
            return MessageState.QUEUED;
        }

        @Override
        public Charge charge() {
            return Charge.notHandedOver(claim);
        }
    }
}
