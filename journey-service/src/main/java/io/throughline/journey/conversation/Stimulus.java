package io.throughline.journey.conversation;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.customer.SegmentEntered;
import io.throughline.contracts.customer.SegmentLeft;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.journey.store.TimerStore.Timer;
import java.util.UUID;

/** Something that may move a customer along. */
public sealed interface Stimulus {

    /** As it was said; the customer may have been merged since. */
    CustomerId customer();

    /**
     * @param id of the event, under which it is kept
     */
    record Behaved(UUID id, BehaviourRecorded event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    record ProfileKnown(ProfileChanged event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    record ConsentSaid(ConsentChanged event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    /**
     * @param id of the event, under which it is kept
     */
    record SegmentEntry(UUID id, SegmentEntered event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    /**
     * @param id of the event, under which it is kept
     */
    record SegmentExit(UUID id, SegmentLeft event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    record Scored(ScoresPredicted event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    record Merged(CustomersMerged event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.survivor();
        }
    }

    /** Some of what was taken for one customer is another's. */
    record Unlinked(IdentifiersUnlinked event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    /**
     * @param id of the event, under which it is kept
     */
    record Reported(UUID id, MessageEvent.OfMessage event) implements Stimulus {
        @Override
        public CustomerId customer() {
            return event.customer();
        }
    }

    /** A known customer wrote back to a known message. */
    record Replied(CustomerId customer, MessageId message, Channel channel) implements Stimulus {}

    /** A timer came due, and is locked. */
    record Due(Timer timer) implements Stimulus {
        @Override
        public CustomerId customer() {
            return timer.customer();
        }
    }
}
