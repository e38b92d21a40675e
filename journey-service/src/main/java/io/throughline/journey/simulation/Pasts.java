package io.throughline.journey.simulation;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Whereabouts;
import io.throughline.journey.dryrun.CustomerStory;
import io.throughline.journey.neighbour.ChannelService;
import io.throughline.journey.preview.Attempt;
import io.throughline.journey.preview.CustomerPast;
import io.throughline.journey.preview.PolicyPreview;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.store.StoryStore;
import io.throughline.journey.store.StoryStore.Story;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is on record of customers, page by page: what they said and did from here, what was ready to
 * go to them from the channel service's send ledger.
 */
@ApplicationScoped
class Pasts {

    private static final int PAGE = 200;
    private static final int TRIES = 5;
    private static final Duration AGAIN = Duration.ofMillis(500);

    private final StoryStore stories;
    private final ChannelService channels;

    Pasts(StoryStore stories, ChannelService channels) {
        this.stories = stories;
        this.channels = channels;
    }

    /**
     * @param last customer of the page; absent where there is none any more
     */
    record Page(List<CustomerPast> pasts, int customers, @Nullable CustomerId last) {}

    /**
     * @param after the last customer of the page before; absent for the first
     */
    Uni<Page> page(@Nullable CustomerId after, PolicyPreview preview, Instant to) {
        return stories.page(after, preview.eventsSince(), PAGE)
                .chain(page ->
                        page.isEmpty()
                                ? Uni.createFrom().item(new Page(List.of(), 0, null))
                                : withAttempts(page, preview.attemptsSince(), to));
    }

    private Uni<Page> withAttempts(List<Story> page, Instant from, Instant to) {
        List<CustomerId> customers = page.stream().map(story -> story.customer().id()).toList();
        return channels.contactHistory(customers, from, to)
                .onFailure()
                .retry()
                .withBackOff(AGAIN)
                .atMost(TRIES)
                .map(attempts ->
                        attempts.stream().collect(Collectors.groupingBy(Attempt::customer)))
                .map(attempts -> page(page, attempts, to));
    }

    private static Page page(
            List<Story> page, Map<CustomerId, List<Attempt>> attempts, Instant to) {
        List<CustomerPast> pasts =
                page.stream()
                        .filter(story -> attempts.containsKey(story.customer().id()))
                        .map(story ->
                                past(
                                        story,
                                        attempts.getOrDefault(story.customer().id(), List.of()),
                                        to))
                        .toList();
        return new Page(pasts, page.size(), page.getLast().customer().id());
    }

    private static CustomerPast past(Story story, List<Attempt> attempts, Instant to) {
        CustomerStory told = Stories.of(story);
        return new CustomerPast(
                story.customer().id(),
                whereabouts(story.customer()),
                told.consents(),
                story.events().stream().filter(e -> e.receivedAt().isBefore(to)).toList(),
                attempts);
    }

    private static @Nullable Whereabouts whereabouts(KnownCustomer customer) {
        String zone = customer.zone();
        try {
            return customer.whereabouts() == null && zone != null
                    ? Whereabouts.in(ZoneId.of(zone))
                    : customer.whereabouts();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
