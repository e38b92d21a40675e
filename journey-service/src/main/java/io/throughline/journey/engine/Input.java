package io.throughline.journey.engine;

import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.governance.GateAnswer;
import java.util.List;

/** What can happen to a running instance. */
public sealed interface Input {

    /** The customer did something. */
    record EventArrived(BehaviourRecorded event) implements Input {}

    /**
     * A timer came due.
     *
     * @param key as it stood in {@link Effect.StartTimer}
     */
    record TimerFired(String key) implements Input {}

    /** Something became of a message that this instance asked for. */
    record MessageReported(MessageEvent.OfMessage report) implements Input {}

    /**
     * The gate was asked.
     *
     * @param question as it stood in {@link Effect.AskGate}
     * @param answers in the order of its requests
     */
    record GateAnswered(String question, List<GateAnswer> answers) implements Input {

        public GateAnswered {
            answers = List.copyOf(answers);
        }
    }

    /**
     * The journey ends for this customer from outside.
     *
     * @param reason as it will stand in the {@code Left} record, as in {@code archived}
     */
    record Stop(String reason) implements Input {}
}
