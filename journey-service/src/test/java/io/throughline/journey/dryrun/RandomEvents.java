package io.throughline.journey.dryrun;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A shopper's weeks, the same for the same seed. */
final class RandomEvents {

    private static final List<String> NAMES =
            List.of(
                    "Checkout Started",
                    "Checkout Started",
                    "Cart Viewed",
                    "Cart Viewed",
                    "Order Completed",
                    "Product Viewed");

    private RandomEvents() {}

    static List<BehaviourRecorded> of(CustomerId customer, long seed, Instant start) {
        SplittableRandom random = new SplittableRandom(seed);
        List<BehaviourRecorded> events = new ArrayList<>();
        Instant at = start;
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            at = at.plusSeconds(random.nextLong(1, 36 * 3600));
            events.add(
                    new BehaviourRecorded(
                            customer,
                            seed + "-" + i,
                            "web",
                            AcceptedEvent.Kind.TRACK,
                            NAMES.get(random.nextInt(NAMES.size())),
                            Map.of(
                                    "value",
                                    BigDecimal.valueOf(random.nextInt(1000, 9000), 2),
                                    "total",
                                    random.nextInt(10, 90)),
                            Map.of(),
                            List.of(),
                            at,
                            at));
        }
        return events;
    }
}
