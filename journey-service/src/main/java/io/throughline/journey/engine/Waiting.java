package io.throughline.journey.engine;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.journey.arbitration.Displacement;
import io.throughline.journey.arbitration.Planned;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * @param asked when; absent from older writers
     * @param displaced why the message is being taken back, or an earlier attempt gave way; absent
     *     where neither is so
     */
    record ForReport(
            String step,
            MessageId message,
            Channel channel,
            int attempt,
            Instant deadline,
            @Nullable Instant asked,
            @Nullable Displacement displaced)
            implements Waiting {

        ForReport displaced(Displacement by) {
            return new ForReport(step, message, channel, attempt, deadline, asked, by);
        }

        @Override
        public String timer() {
            return step + "/" + attempt + "/report";
        }
    }

    /**
     * At a send step, for the time at which to try again.
     *
     * @param attempt the one that comes next
     * @param displaced why an earlier attempt gave way; absent where none did
     */
    record ForRetry(
            String step,
            int attempt,
            Instant due,
            Instant deadline,
            @Nullable Displacement displaced)
            implements Waiting {

        @Override
        public String timer() {
            return step + "/" + attempt;
        }
    }

    /**
     * At a send step, for the gate's answer. Ends within the unit of work that began it.
     *
     * @param asked the channels asked about, in the order of the answers
     * @param rivals whose contacts were asked about too, each on all its channels; their answers
     *     follow
     * @param displaced why an earlier attempt gave way; absent where none did
     */
    record ForGate(
            String step,
            int attempt,
            Instant deadline,
            List<Channel> asked,
            List<Planned> rivals,
            @Nullable Displacement displaced)
            implements Waiting {

        public ForGate {
            asked = List.copyOf(asked);
            rivals = List.copyOf(rivals);
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
