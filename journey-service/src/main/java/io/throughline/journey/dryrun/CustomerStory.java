package io.throughline.journey.dryrun;

import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.governance.ConsentWrite;
import io.throughline.journey.engine.CustomerView;
import java.util.List;

/**
 * One customer in a dry run. Journeys and the gate never look at two customers at once, so stories
 * are played one by one and only one of them needs to be in memory.
 *
 * @param customer the profile as it is at the time of the dry run
 * @param consents those in force at the time of the dry run, for every channel and topic
 * @param events what the customer did, oldest first, by {@code receivedAt}: the order in which they
 *     reached the journey service
 */
public record CustomerStory(
        CustomerView customer, List<ConsentWrite> consents, List<BehaviourRecorded> events) {

    public CustomerStory {
        consents = List.copyOf(consents);
        events = List.copyOf(events);
    }
}
