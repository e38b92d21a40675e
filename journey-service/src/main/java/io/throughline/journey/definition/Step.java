package io.throughline.journey.definition;

import io.throughline.contracts.Channel;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing a journey does. */
public sealed interface Step {

    /** The key under which the document has it, as in {@code wait-for}. */
    String word();

    /** Goes on after a time. */
    record Wait(Duration duration) implements Step {

        @Override
        public String word() {
            return "wait";
        }
    }

    /**
     * Goes on when an event arrives or the timeout passes, whichever is first. Only events that
     * arrive after the step was reached count.
     *
     * @param when reads the arriving event as {@code event} and the one that led in as {@code
     *     journey.trigger}
     * @param then taken when the event came, before going on
     * @param otherwise taken after the timeout, before going on; {@code else} in the document
     */
    record WaitFor(
            String on,
            @Nullable String when,
            Duration timeout,
            List<Step> then,
            List<Step> otherwise)
            implements Step {

        public WaitFor {
            then = List.copyOf(then);
            otherwise = List.copyOf(otherwise);
        }

        @Override
        public String word() {
            return "wait-for";
        }
    }

    /**
     * Sends a message.
     *
     * @param within how long after the step was reached it may still be handed over
     * @param unlessDenied taken when it could not be sent, before going on
     * @param value what it is expected to be worth; absent for what the journey says
     * @param onDisplaced what becomes of it where it gives way; absent for what the journey says
     */
    record Send(
            Via by,
            String template,
            Duration within,
            List<Step> unlessDenied,
            @Nullable BigDecimal value,
            @Nullable OnDisplaced onDisplaced)
            implements Step {

        /** Where the document does not say. */
        public static final Duration DEFAULT_WITHIN = Duration.ofDays(1);

        public Send {
            unlessDenied = List.copyOf(unlessDenied);
        }

        /** One that leaves to its journey what it is worth and when it gives way. */
        public Send(Via by, String template, Duration within, List<Step> unlessDenied) {
            this(by, template, within, unlessDenied, null, null);
        }

        @Override
        public String word() {
            return "send";
        }
    }

    /** On what a message goes. */
    sealed interface Via {

        /** The channels it may go on, in the order in which the document names them. */
        List<Channel> channels();

        /** One channel. */
        record Fixed(Channel channel) implements Via {

            @Override
            public List<Channel> channels() {
                return List.of(channel);
            }
        }

        /** {@code channel: best}: the one this customer answers best among those allowed. */
        record Best(List<Channel> among) implements Via {

            public Best {
                among = List.copyOf(among);
            }

            @Override
            public List<Channel> channels() {
                return among;
            }
        }
    }

    /**
     * Takes the first arm whose condition holds.
     *
     * @param otherwise taken when none holds; the last item's {@code else} in the document
     */
    record Branch(List<Arm> arms, List<Step> otherwise) implements Step {

        public Branch {
            arms = List.copyOf(arms);
            otherwise = List.copyOf(otherwise);
        }

        @Override
        public String word() {
            return "branch";
        }
    }

    record Arm(String when, List<Step> then) {

        public Arm {
            then = List.copyOf(then);
        }
    }

    /** Ends the journey. */
    record Exit(String reason) implements Step {

        @Override
        public String word() {
            return "exit";
        }
    }
}
