package io.throughline.journey.conversation;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.journey.store.SeenMessages.Sent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What stimuli speak of. */
final class Involved {

    private Involved() {}

    static SortedSet<CustomerId> customers(List<Stimulus> stimuli) {
        TreeSet<CustomerId> customers = new TreeSet<>();
        for (Stimulus stimulus : stimuli) {
            customers.add(stimulus.customer());
            if (stimulus instanceof Stimulus.Merged merged) {
                customers.add(merged.event().merged());
            } else if (stimulus instanceof Stimulus.Unlinked unlinked) {
                customers.add(unlinked.event().to());
            }
        }
        return customers;
    }

    static List<Sent> sent(List<Stimulus> stimuli) {
        List<Sent> sent = new ArrayList<>();
        for (Stimulus stimulus : stimuli) {
            if (stimulus instanceof Stimulus.Reported reported
                    && reported.event() instanceof MessageEvent.Sent was) {
                sent.add(new Sent(was.message(), was.at()));
            }
        }
        return sent;
    }

    /** Messages that a customer clicked, opened or answered, with their own hands. */
    static Set<MessageId> answered(List<Stimulus> stimuli) {
        Set<MessageId> answered = new HashSet<>();
        for (Stimulus stimulus : stimuli) {
            if (stimulus instanceof Stimulus.Replied reply) {
                answered.add(reply.message());
            } else if (stimulus instanceof Stimulus.Reported reported
                    && isAnswer(reported.event())) {
                answered.add(reported.event().message());
            }
        }
        return answered;
    }

    static boolean isAnswer(MessageEvent.OfMessage report) {
        return switch (report) {
            case MessageEvent.Clicked click -> true;
            case MessageEvent.Opened open -> !open.machine();
            case MessageEvent.Sent sent -> false;
            case MessageEvent.Delivered delivered -> false;
            case MessageEvent.Failed failed -> false;
            case MessageEvent.Unknown unknown -> false;
            case MessageEvent.Suppressed suppressed -> false;
            case MessageEvent.Recalled recalled -> false;
            case MessageEvent.NotRecalled notRecalled -> false;
        };
    }
}
