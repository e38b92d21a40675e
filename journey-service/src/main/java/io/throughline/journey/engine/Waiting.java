package io.throughline.journey.engine;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import java.time.Instant;
import java.util.List;

/**
 * What an instance waits for. Each knows the one timer that it has running, if any; a timer with
 * another key is a late one and changes nothing.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "for")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Waiting.ForTime.class, name = "time"),
    @JsonSubTypes.Type(value = Waiting.ForEvent.class, name = "event"),
    @JsonSubTypes.Type(value = Waiting.ForReport.class, name = "report"),
    @JsonSubTypes.Type(value = Waiting.ForRetry.class, name = "retry"),
    @JsonSubTypes.Type(value = Waiting.ForGate.class, name = "gate")
})
public sealed interface Waiting {

    /** The path of the step that waits. */
    String step();

    /** The key of the timer that ends the wait; empty where none does. */
    @JsonIgnore
    String timer();

    /** At a wait step. */
    record ForTime(String step, Instant due) implements Waiting {

        @Override
        public String timer() {
            return step;
        }
    }

    /** At a wait-for step, for its event or its timeout. */
    record ForEvent(String step, Instant due) implements Waiting {

        @Override
        public String timer() {
            return step;
        }
    }

    /**
     * At a send step, for what becomes of the message that was asked for.
     *
     * @param channel the one asked for first
     * @param attempt from 1
     * @param deadline of the step, the same for all attempts
     */
    record ForReport(String step, MessageId message, Channel channel, int attempt, Instant deadline)
            implements Waiting {

        @Override
        public String timer() {
            return step + "/" + attempt + "/report";
        }
    }

    /**
     * At a send step, for the time at which to try again.
     *
     * @param attempt the one that comes next
     */
    record ForRetry(String step, int attempt, Instant due, Instant deadline) implements Waiting {

        @Override
        public String timer() {
            return step + "/" + attempt;
        }
    }

    /**
     * At a send step, for the gate's answer. Ends within the unit of work that began it.
     *
     * @param asked the channels asked about, in the order of the answers
     */
    record ForGate(String step, int attempt, Instant deadline, List<Channel> asked)
            implements Waiting {

        public ForGate {
            asked = List.copyOf(asked);
        }

        /** What {@link Effect.AskGate} asked under and the answer must come under. */
        @JsonIgnore
        public String question() {
            return step + "/" + attempt;
        }

        @Override
        public String timer() {
            return "";
        }
    }
}
