package io.throughline.journey.simulation;

import io.throughline.governance.ConsentWrite;
import io.throughline.journey.dryrun.CustomerStory;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.store.StoryStore.Story;

/** Stored customers as a dry run takes them. */
final class Stories {

    private Stories() {}

    static CustomerStory of(Story story) {
        KnownCustomer customer = story.customer();
        return new CustomerStory(
                customer.view(),
                customer.consents().stream()
                        .map(word ->
                                new ConsentWrite(
                                        customer.id(),
                                        null,
                                        word.channel(),
                                        word.topic(),
                                        word.state(),
                                        word.at()))
                        .toList(),
                story.events());
    }
}
