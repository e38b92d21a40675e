package io.throughline.journey.engine;

import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.governance.GateAnswer;
import io.throughline.journey.arbitration.Displacement;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * A message that this instance asked for is to be taken back, if it can still be.
     *
     * @param by what it gives way to
     */
    record Displaced(MessageId message, Displacement by) implements Input {}

    /**
     * The journey ends for this customer from outside.
     *
     * @param reason as it will stand in the {@code Left} record, as in {@code archived}
     * @param detail as it will stand there
     */
    record Stop(String reason, @Nullable String detail) implements Input {

        /** For another journey of its exclusion group. */
        static final String DISPLACED = "displaced";

        public Stop(String reason) {
            this(reason, null);
        }

        /** A more important journey of the exclusion group takes the customer over. */
        public static Stop displacedBy(String journey) {
            return new Stop(DISPLACED, journey);
        }
    }
}
