package io.throughline.journey.engine;

import io.throughline.contracts.policy.ContactPolicy;
import java.util.List;

/**
 * What else a customer is in at the moment of a decision, and the policy that says how journeys
 * stand to each other.
 *
 * @param running every running instance of the customer; the deciding one may be among them
 */
public record Peers(List<Peer> running, ContactPolicy policy) {

    /** A customer who is in nothing else. */
    public static final Peers NONE = new Peers(List.of(), ContactPolicy.initial());

    public Peers {
        running = List.copyOf(running);
    }

    /**
     * @param program the version the instance runs on
     * @param moving whether its journey goes on; in a paused or archived one nothing is planned
     */
    public record Peer(Program program, Instance instance, boolean moving) {

        int priority() {
            return program.document().priority();
        }
    }

    /** Those beside this one. */
    List<Peer> beside(Instance instance) {
        return running.stream()
                .filter(peer -> !peer.instance().id().equals(instance.id()))
                .toList();
    }
}
