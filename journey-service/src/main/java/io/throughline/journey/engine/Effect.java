package io.throughline.journey.engine;

import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.governance.GateRequest;
import io.throughline.journey.arbitration.Displacement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What a decision wants done, in order. All of it commits together with the instance's next state.
 */
public sealed interface Effect {

    /** Ask for a message to be handed over. */
    record Request(MessageRequested message) implements Effect {}

    /**
     * Fire {@link Input.TimerFired} with this key at the instant, or later.
     *
     * @param key unique within the instance
     */
    record StartTimer(String key, Instant due) implements Effect {}

    /** Remove every timer of this instance; firing one anyway does no harm. */
    record CancelTimers() implements Effect {}

    /** Publish a decision record. */
    record Publish(DecisionEvent decision) implements Effect {}

    /** Ask for a message to be taken back out of the queue. */
    record Withdraw(WithdrawalRequested request) implements Effect {}

    /**
     * Put {@link Input.Displaced} to another instance of the customer, at once: what it wants done
     * comes before the effects that follow.
     */
    record Displace(UUID instance, MessageId message, Displacement by) implements Effect {}

    /** Put this stop to another instance of the customer, at once, as with {@link Displace}. */
    record Dismiss(UUID instance, Input.Stop stop) implements Effect {}

    /**
     * Peek at the gate and call the engine again with {@link Input.GateAnswered}, in the same unit
     * of work. Always the last effect of a decision.
     *
     * @param question to be handed back
     * @param requests never empty
     */
    record AskGate(String question, List<GateRequest> requests) implements Effect {

        public AskGate {
            requests = List.copyOf(requests);
        }
    }
}
