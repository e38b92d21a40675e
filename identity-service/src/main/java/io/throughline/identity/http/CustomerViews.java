package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.Whereabouts;
import io.throughline.governance.ConsentWrite;
import io.throughline.identity.engagement.Engagement;
import io.throughline.identity.engagement.LifecycleStage;
import io.throughline.identity.engagement.Reachability;
import io.throughline.identity.engagement.Reachability.Address;
import io.throughline.identity.engagement.Reachability.Permission;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.profile.Purchases;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.CustomerReader.Link;
import io.throughline.identity.store.EngagementStore;
import io.throughline.identity.store.ScoreStore;
import io.throughline.identity.whereabouts.Clue;
import io.throughline.identity.whereabouts.Clues;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Customers as the API shows them: what is known of them, and what follows from it now. */
@ApplicationScoped
class CustomerViews {

    private final CustomerReader customers;
    private final EngagementStore engagements;
    private final ScoreStore scores;
    private final CustomerLookup lookup;
    private final InstantSource clock;

    CustomerViews(
            CustomerReader customers,
            EngagementStore engagements,
            ScoreStore scores,
            CustomerLookup lookup,
            InstantSource clock) {
        this.customers = customers;
        this.engagements = engagements;
        this.scores = scores;
        this.lookup = lookup;
        this.clock = clock;
    }

    /**
     * @param revenue decimals by ISO 4217 code
     * @param averageOrderValue decimals by ISO 4217 code
     * @param engagement by channel, of those that she was sent something by or answered on
     * @param favouriteChannel absent where she never engaged
     * @param reachability by channel
     * @param merged ids that became this customer
     * @param scores what models expect of her, by name
     */
    record CustomerView(
            CustomerId id,
            List<Identifier> identifiers,
            Map<String, Object> traits,
            Map<Channel, String> addresses,
            @Nullable String timeZone,
            @Nullable String locale,
            int orders,
            Map<String, String> revenue,
            Map<String, String> averageOrderValue,
            @Nullable Instant firstOrderAt,
            @Nullable Instant lastOrderAt,
            Instant firstSeen,
            Instant lastSeen,
            LifecycleStage lifecycleStage,
            Map<Channel, EngagementView> engagement,
            @Nullable Channel favouriteChannel,
            Map<Channel, Reachability> reachability,
            Instant createdAt,
            Instant changedAt,
            long version,
            List<CustomerId> merged,
            WhereaboutsView whereabouts,
            Map<String, ScoreStore.Score> scores) {}

    /**
     * Where she may be, for quiet hours and the law.
     *
     * @param zones her quiet hours run in all of them; empty where the policy's own zone has to do
     * @param regions whose law holds
     * @param numberZones zones in which the law's hours run besides, since her number is of there
     * @param anywhere whether there are too many zones to tell, so that it is taken for any
     * @param evidence what that is concluded from, the better known first
     */
    record WhereaboutsView(
            List<ZoneId> zones,
            List<String> regions,
            List<ZoneId> numberZones,
            boolean anywhere,
            List<Clue> evidence) {

        static WhereaboutsView of(Profile profile) {
            Clues clues = profile.clues();
            Whereabouts where = clues.whereabouts();
            return new WhereaboutsView(
                    where.zones(),
                    where.regions(),
                    where.numberZones(),
                    where.anywhere(),
                    clues.pieces());
        }
    }

    /**
     * Counts over her life.
     *
     * @param opened without those that a proxy or scanner is likely to have made
     */
    record EngagementView(
            long sent,
            long delivered,
            long failed,
            long opened,
            long clicked,
            long replied,
            @Nullable Instant lastSent,
            @Nullable Instant lastDelivered,
            @Nullable Instant lastEngaged) {

        static EngagementView of(Engagement engagement) {
            return new EngagementView(
                    engagement.sent(),
                    engagement.delivered(),
                    engagement.failed(),
                    engagement.opened(),
                    engagement.clicked(),
                    engagement.replied(),
                    engagement.lastSent(),
                    engagement.lastDelivered(),
                    engagement.lastEngaged());
        }
    }

    /**
     * @param customer who was not merged away
     */
    Uni<CustomerView> of(CustomerId customer) {
        return lookup.everyIdOf(customer)
                .chain(ids ->
                        Uni.combine()
                                .all()
                                .unis(
                                        customers.profile(customer),
                                        customers.identifiers(customer),
                                        customers.standing(customer),
                                        engagements.of(ids),
                                        scores.of(customer))
                                .with((profile, links, consents, engagement, scores) ->
                                        view(
                                                profile,
                                                ids,
                                                new Known(profile, links, consents, engagement),
                                                scores)));
    }

    /** What reachability follows from. */
    private record Known(
            Profile profile,
            List<Link> links,
            List<ConsentWrite> consents,
            Map<Channel, Engagement> engagement) {

        Map<Channel, Reachability> reachability() {
            Map<Channel, Reachability> channels = new EnumMap<>(Channel.class);
            for (Channel channel : Channel.values()) {
                channels.put(channel, reachability(channel));
            }
            return channels;
        }

        private Reachability reachability(Channel channel) {
            Address address = address(channel);
            Map<String, ConsentState> said = new HashMap<>();
            boolean stopped = false;
            for (ConsentWrite consent : consents) {
                if (consent.channel() != channel) {
                    continue;
                }
                String topic = Objects.requireNonNullElse(consent.topic(), "");
                if (consent.customer() != null) {
                    said.put(topic, consent.state());
                } else if (address != null
                        && topic.isEmpty()
                        && address.value().equals(consent.address())) {
                    stopped = consent.state() == ConsentState.OPTED_OUT;
                }
            }
            return Reachability.of(
                    address,
                    Permission.of(said),
                    stopped,
                    engagement.getOrDefault(channel, Engagement.NONE));
        }

        /** The one that messages go to, else of those she holds the one that came last. */
        private @Nullable Address address(Channel channel) {
            String used = profile.addresses().get(channel);
            return links.stream()
                    .filter(link -> Identifiers.isAddressOf(link.identifier(), channel))
                    .filter(link -> used == null || used.equals(link.identifier().value()))
                    .max(Comparator.comparing(Link::linkedAt).thenComparing(Link::identifier))
                    .map(link -> new Address(link.identifier().value(), link.linkedAt()))
                    .orElse(null);
        }

        @Nullable Instant lastEngaged() {
            return engagement.values().stream()
                    .map(Engagement::lastEngaged)
                    .filter(Objects::nonNull)
                    .max(Comparator.naturalOrder())
                    .orElse(null);
        }
    }

    private static Map<String, String> decimals(Map<String, BigDecimal> amounts) {
        Map<String, String> decimals = new TreeMap<>();
        amounts.forEach((currency, amount) -> decimals.put(currency, amount.toPlainString()));
        return decimals;
    }

    private CustomerView view(
            Profile profile,
            List<CustomerId> ids,
            Known known,
            Map<String, ScoreStore.Score> scores) {
        Purchases purchases = profile.knowledge().purchases();
        Map<Channel, EngagementView> engagement = new EnumMap<>(Channel.class);
        known.engagement().forEach((channel, e) -> engagement.put(channel, EngagementView.of(e)));
        return new CustomerView(
                profile.id(),
                List.copyOf(profile.identifiers()),
                profile.visibleTraits(),
                profile.addresses(),
                profile.timeZone(),
                profile.locale(),
                purchases.orders(),
                decimals(purchases.revenue()),
                decimals(purchases.averageOrderValue()),
                purchases.firstOrderAt(),
                purchases.lastOrderAt(),
                profile.knowledge().firstSeen(),
                profile.knowledge().lastSeen(),
                LifecycleStage.of(
                        profile.knowledge().firstSeen(),
                        profile.knowledge().lastSeen(),
                        known.lastEngaged(),
                        clock.instant()),
                engagement,
                Engagement.favourite(known.engagement()).orElse(null),
                known.reachability(),
                profile.createdAt(),
                profile.changedAt(),
                profile.version(),
                ids.stream().filter(id -> !id.equals(profile.id())).toList(),
                WhereaboutsView.of(profile),
                scores);
    }
}
