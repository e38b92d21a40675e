package io.throughline.governance;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.CategoryRule;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Each;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import io.throughline.contracts.policy.ContactPolicy.NearlyLeft;
import io.throughline.contracts.policy.ContactPolicy.Passable;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.contracts.policy.ContactPolicy.Refund;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Random histories of a few customers from one seed; small worlds, so that things collide. */
public final class Scenario {

    private static final List<Channel> CHANNELS =
            List.of(Channel.EMAIL, Channel.SMS, Channel.WHATSAPP);
    private static final List<ZoneId> ZONES =
            List.of(
                    ZoneId.of("UTC"),
                    ZoneId.of("Europe/Berlin"),
                    ZoneId.of("America/New_York"),
                    ZoneId.of("Asia/Kolkata"),
                    ZoneId.of("Pacific/Chatham"));
    private static final List<String> REGIONS = List.of("US", "US-TX", "US-RI", "US-FL", "FR");

    private final Random random;

    /** Whether times are whole hours, so that they meet the ends of windows to the millisecond. */
    private final boolean wholeHours;

    private final List<CustomerId> customers = new ArrayList<>();
    private final List<MessageId> messages = new ArrayList<>();
    private final List<ContactPolicy> policies = new ArrayList<>();
    private final Deque<Step> comingBack = new ArrayDeque<>();
    private final String addresses;
    private Instant now;
    private ContactRef taken;

    /** One thing that happens. */
    public sealed interface Step {

        record Reserve(GateRequest request, ContactPolicy policy) implements Step {}

        record Peek(GateRequest request, ContactPolicy policy) implements Step {}

        record Settle(ContactRef contact) implements Step {}

        record Refund(ContactRef contact) implements Step {}

        record TakeBack(ContactRef contact) implements Step {}

        record PutBack(ContactRef contact) implements Step {}

        record Consent(ConsentWrite consent) implements Step {}

        record Silence(SilenceWrite silence) implements Step {}

        record Moves(CustomerId customer, Whereabouts where) implements Step {}

        record Engages(Engagement engagement) implements Step {}

        record Merge(CustomerId survivor, CustomerId merged) implements Step {}

        record Split(CustomerId from, CustomerId to) implements Step {}

        record Restate(CustomerHistory.Permissions permissions) implements Step {}

        record Hydrate(CustomerHistory history) implements Step {}

        record Erase(CustomerId customer) implements Step {}

        /** Another server takes over. */
        record NewEpoch() implements Step {}
    }

    public Scenario(long seed) {
        random = new Random(seed);
        wholeHours = random.nextBoolean();
        addresses = "a" + seed + "-" + random.nextLong() + "-";
        // Around the nights in which clocks change, now and then.
        now =
                Instant.parse(
                                random.nextBoolean()
                                        ? "2026-03-07T00:00:00Z"
                                        : "2026-10-24T00:00:00Z")
                        .plusMillis(random.nextInt(86_400_000));
        for (int i = 0; i < 4; i++) {
            customers.add(new CustomerId(Ids.timeOrdered(now.plusMillis(i), random)));
        }
        for (int i = 0; i < 12; i++) {
            messages.add(new MessageId(new UUID(random.nextLong(), random.nextLong())));
        }
        taken = contact();
        policies.add(policy(1));
        policies.add(policy(2));
    }

    public InstantSource clock() {
        return () -> now;
    }

    public Instant now() {
        return now;
    }

    public List<CustomerId> customers() {
        return customers;
    }

    public List<ContactPolicy> policies() {
        return policies;
    }

    /** Hydration of every customer with nothing on record but opt-ins. */
    public List<Step> welcome() {
        List<Step> steps = new ArrayList<>();
        for (CustomerId customer : customers) {
            List<ConsentWrite> consents = new ArrayList<>();
            for (Channel channel : CHANNELS) {
                if (random.nextInt(4) > 0) {
                    consents.add(
                            new ConsentWrite(
                                    customer,
                                    null,
                                    channel,
                                    null,
                                    ConsentState.OPTED_IN,
                                    now.minusSeconds(86_400)));
                }
            }
            steps.add(
                    new Step.Hydrate(
                            new CustomerHistory.Permissions(
                                    customer, consents, List.of(), null, List.of())));
            steps.add(new Step.Hydrate(new CustomerHistory.Contacts(customer, List.of())));
        }
        return steps;
    }

    public Step next() {
        passTime();
        if (!comingBack.isEmpty()) {
            return comingBack.remove();
        }
        int dice = random.nextInt(100);
        if (dice < 38) {
            return new Step.Reserve(request(), policy());
        } else if (dice < 52) {
            return new Step.Peek(request(), policy());
        } else if (dice < 62) {
            return new Step.Settle(contact());
        } else if (dice < 68) {
            return new Step.Refund(contact());
        } else if (dice < 71) {
            taken = contact();
            return new Step.TakeBack(taken);
        } else if (dice < 72) {
            return new Step.PutBack(taken);
        } else if (dice < 80) {
            return new Step.Consent(consent(pick(customers)));
        } else if (dice < 85) {
            return new Step.Silence(silence(pick(customers)));
        } else if (dice < 87) {
            return new Step.Engages(new Engagement(pick(customers), now.minus(some(20_000_000))));
        } else if (dice < 89) {
            return new Step.Moves(pick(customers), whereabouts());
        } else if (dice < 92) {
            return new Step.Merge(pick(customers), pick(customers));
        } else if (dice < 93) {
            return new Step.Split(pick(customers), pick(customers));
        } else if (dice < 94) {
            CustomerHistory.Permissions permissions = permissions();
            return new Step.Restate(
                    new CustomerHistory.Permissions(
                            permissions.customer(),
                            permissions.consents(),
                            permissions.silences(),
                            permissions.whereabouts(),
                            List.of(),
                            permissions.engagedAt()));
        } else if (dice < 96) {
            return new Step.Hydrate(permissions());
        } else if (dice < 97) {
            return new Step.Erase(pick(customers));
        } else if (dice < 98) {
            for (Step step : welcome()) {
                if (random.nextInt(5) > 0) {
                    comingBack.add(step);
                }
            }
            return new Step.NewEpoch();
        } else {
            return new Step.Hydrate(contacts());
        }
    }

    private void passTime() {
        switch (random.nextInt(6)) {
            case 0, 1 -> {}
            case 2 -> now = now.plusMillis(wholeHours ? 0 : 1);
            case 3 -> now = now.plus(some(5_000));
            case 4 -> now = now.plus(some(3_600_000));
            default -> now = now.plus(some(36_000_000));
        }
    }

    /** Less than so many milliseconds; at least an hour where times are whole hours. */
    private Duration some(int millis) {
        return wholeHours
                ? Duration.ofHours(1 + random.nextInt(1 + millis / 3_600_000))
                : Duration.ofMillis(random.nextInt(millis));
    }

    private ContactPolicy policy() {
        return policies.get(random.nextInt(5) == 0 ? 1 : 0);
    }

    public GateRequest request() {
        return new GateRequest(
                pick(customers),
                pick(messages),
                pick(CHANNELS),
                category(),
                topic(),
                random.nextInt(4) == 0 ? null : journey(),
                address());
    }

    private ContactRef contact() {
        return new ContactRef(pick(customers), pick(messages));
    }

    private ConsentWrite consent(CustomerId customer) {
        boolean addressed = random.nextInt(3) == 0;
        boolean anonymous = addressed && random.nextBoolean();
        return new ConsentWrite(
                anonymous ? null : customer,
                addressed ? address() : null,
                pick(CHANNELS),
                topic(),
                random.nextInt(3) == 0 ? ConsentState.OPTED_OUT : ConsentState.OPTED_IN,
                now.minusMillis(random.nextInt(3)));
    }

    private SilenceWrite silence(CustomerId customer) {
        Instant until = now.plus(some(20_000_000));
        if (random.nextInt(4) == 0) {
            return new SilenceWrite(customer, random.nextBoolean() ? null : journey(), until);
        }
        // What a cause covers goes with the cause.
        int cause = random.nextInt(4);
        return new SilenceWrite(
                customer,
                cause == 1 ? "welcome" : null,
                cause == 2 ? Set.of(Category.MARKETING, Category.TRANSACTIONAL) : Set.of(),
                "order " + cause,
                now.minusMillis(random.nextInt(3)),
                until,
                random.nextInt(3) == 0);
    }

    private CustomerHistory.Permissions permissions() {
        CustomerId customer = pick(customers);
        List<ConsentWrite> consents = new ArrayList<>();
        List<SilenceWrite> silences = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            consents.add(consent(customer));
        }
        for (int i = random.nextInt(2); i > 0; i--) {
            silences.add(silence(customer));
        }
        return new CustomerHistory.Permissions(
                customer,
                consents,
                silences,
                random.nextBoolean() ? null : whereabouts(),
                random.nextInt(4) == 0 ? List.of(pick(customers)) : List.of(),
                random.nextBoolean() ? null : now.minus(some(90_000_000)));
    }

    private CustomerHistory contacts() {
        List<CustomerHistory.Contact> contacts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            contacts.add(
                    new CustomerHistory.Contact(
                            pick(messages),
                            pick(CHANNELS),
                            category(),
                            topic(),
                            random.nextBoolean() ? null : journey(),
                            now.minus(some(90_000_000)),
                            random.nextBoolean()));
        }
        return random.nextBoolean()
                ? new CustomerHistory.Contacts(pick(customers), contacts)
                : new CustomerHistory.Contacts(
                        pick(customers), now.minus(some(172_800_000)), contacts);
    }

    private Category category() {
        return switch (random.nextInt(6)) {
            case 0 -> Category.TRANSACTIONAL;
            case 1 -> Category.SERVICE;
            default -> Category.MARKETING;
        };
    }

    private @Nullable String topic() {
        return switch (random.nextInt(4)) {
            case 0 -> "offers";
            case 1 -> "news";
            default -> null;
        };
    }

    private String journey() {
        return random.nextBoolean() ? "cart-abandonment" : "welcome";
    }

    private String address() {
        return addresses + random.nextInt(6);
    }

    private ContactPolicy policy(int version) {
        List<Cap> caps = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            caps.add(
                    cap(
                            random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(3),
                            some(90_000_000).plusMillis(wholeHours ? 0 : 1)));
        }
        List<Gap> gaps = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            Cap like = cap(1, some(9_000_000).plusMillis(wholeHours ? 0 : 1));
            gaps.add(
                    new Gap(
                            like.scope(),
                            like.channel(),
                            like.per(),
                            like.category(),
                            like.topic(),
                            like.journey(),
                            like.each()));
        }
        List<QuietHours> quiet = new ArrayList<>();
        for (int i = Math.max(0, random.nextInt(5) - 2); i > 0; i--) {
            quiet.add(quietHours());
        }
        List<String> presets =
                switch (random.nextInt(6)) {
                    case 0 -> List.of("all");
                    case 1 -> List.of("us-tx", "us-ri", "us-ky");
                    default -> List.of();
                };
        ContactPolicy policy =
                new ContactPolicy(
                        version,
                        caps,
                        random.nextInt(3) == 0 ? some(7_200_000) : null,
                        null,
                        pick(ZONES).getId(),
                        random.nextInt(3) == 0
                                ? Map.of(Channel.EMAIL, ConsentRule.OPT_OUT)
                                : Map.of(),
                        random.nextBoolean() ? Set.of(Channel.SMS, Channel.WHATSAPP) : Set.of(),
                        List.of(),
                        gaps,
                        random.nextInt(3) == 0 ? categories() : Map.of(),
                        new Refund(true, true),
                        null,
                        null,
                        null,
                        null,
                        random.nextBoolean() ? fatigue() : null);
        return policy.quietBy(quiet, presets);
    }

    private Fatigue fatigue() {
        List<ContactPolicy.Step> steps = new ArrayList<>();
        BigDecimal share = BigDecimal.ONE;
        for (int ignored = 1 + random.nextInt(2); random.nextInt(4) > 0; ignored++) {
            share = share.multiply(new BigDecimal("0.7"));
            steps.add(new ContactPolicy.Step(ignored, share));
        }
        return new Fatigue(
                random.nextBoolean() ? null : some(180_000_000).plusMillis(1),
                steps,
                random.nextInt(3) == 0
                        ? null
                        : new NearlyLeft(some(180_000_000).plusMillis(1), new BigDecimal("0.4")),
                random.nextInt(4) == 0 ? 0 : null);
    }

    private QuietHours quietHours() {
        LocalTime from = LocalTime.of(random.nextInt(24), random.nextInt(4) * 15);
        return new QuietHours(
                from,
                from.plusMinutes(30 + random.nextInt(600)),
                random.nextBoolean() ? Set.copyOf(CHANNELS) : Set.of(pick(CHANNELS)),
                random.nextInt(3) == 0 ? Set.of(Category.MARKETING) : null,
                random.nextInt(3) == 0 ? Set.of(pick(List.of(DayOfWeek.values()))) : null,
                random.nextInt(4) == 0
                        ? Set.of(now.atZone(ZoneId.of("UTC")).toLocalDate().plusDays(1))
                        : null);
    }

    private Whereabouts whereabouts() {
        return random.nextBoolean()
                ? Whereabouts.in(pick(ZONES))
                : Whereabouts.of(
                        List.of(pick(ZONES), pick(ZONES)).subList(0, random.nextInt(3)),
                        List.of(pick(REGIONS), pick(REGIONS)).subList(0, random.nextInt(3)),
                        List.of(pick(ZONES)).subList(0, random.nextInt(2)));
    }

    private Map<Category, CategoryRule> categories() {
        Map<Category, CategoryRule> rules = new EnumMap<>(Category.class);
        for (Category category : Category.values()) {
            if (random.nextInt(3) > 0) {
                Set<Passable> passes = EnumSet.noneOf(Passable.class);
                for (Passable rule : Passable.values()) {
                    if (random.nextInt(3) == 0) {
                        passes.add(rule);
                    }
                }
                rules.put(category, new CategoryRule(passes, random.nextBoolean()));
            }
        }
        return rules;
    }

    private Cap cap(int max, Duration per) {
        boolean named = random.nextBoolean();
        return switch (random.nextInt(6)) {
            case 0, 1 -> new Cap(Scope.GLOBAL, null, max, per);
            case 2 -> new Cap(Scope.CHANNEL, named ? pick(CHANNELS) : null, max, per);
            case 3 ->
                    new Cap(
                            Scope.JOURNEY,
                            null,
                            max,
                            per,
                            null,
                            null,
                            named ? journey() : null,
                            null);
            case 4 ->
                    named
                            ? Cap.among(category(), null, max, per)
                            : Cap.forEach(Each.CATEGORY, max, per);
            default ->
                    named
                            ? Cap.among(null, random.nextBoolean() ? "offers" : "news", max, per)
                            : Cap.forEach(Each.TOPIC, max, per);
        };
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
