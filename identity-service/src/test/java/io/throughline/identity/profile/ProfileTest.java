package io.throughline.identity.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.ContractJson;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileTest {

    private static final Instant T = Instant.parse("2026-11-23T10:00:00Z");
    private static final Identifier EMAIL = Identifier.of("email:ana@example.com");
    private static final Identifier PHONE = Identifier.of("phone:+34600111222");

    private final Profile nobody =
            Profile.created(
                    new CustomerId(new UUID(0, 1)), List.of(EMAIL, PHONE), Knowledge.of(T), T);

    @Test
    void theLaterEventSetsATraitWhicheverComesFirst() {
        AcceptedEvent gold = identify("m1", T, Map.of("plan", "gold"));
        AcceptedEvent basic = identify("m2", T.plusSeconds(1), Map.of("plan", "basic"));
        assertThat(nobody.with(gold).with(basic).visibleTraits()).containsEntry("plan", "basic");
        assertThat(nobody.with(basic).with(gold).visibleTraits()).containsEntry("plan", "basic");
    }

    @Test
    void aNullUnsetsATraitAndAnOlderEventDoesNotBringItBack() {
        AcceptedEvent gold = identify("m1", T, Map.of("plan", "gold"));
        AcceptedEvent none =
                identify("m2", T.plusSeconds(1), Collections.singletonMap("plan", null));
        assertThat(nobody.with(gold).with(none).visibleTraits()).doesNotContainKey("plan");
        assertThat(nobody.with(none).with(gold).visibleTraits()).doesNotContainKey("plan");
    }

    @Test
    void ofVeryManyTraitsTheNewestAreKeptHoweverTheyCome() {
        List<AcceptedEvent> events = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            events.add(identify("m" + i, T.plusSeconds(i), Map.of("viewed_" + i, true)));
        }
        Set<String> newest =
                IntStream.range(200, 700).mapToObj(i -> "viewed_" + i).collect(Collectors.toSet());
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(events, new Random(seed));
            Knowledge one = Knowledge.of(T);
            Knowledge other = Knowledge.of(T);
            for (AcceptedEvent event : events.subList(0, 350)) {
                one = one.with(event);
            }
            for (AcceptedEvent event : events.subList(350, 700)) {
                other = other.with(event);
            }
            assertThat(one.joinedWith(other).traits()).containsOnlyKeys(newest);
        }
    }

    @Test
    void onlyIdentifyCallsSetTraits() {
        AcceptedEvent group =
                event("m1", Kind.GROUP, null, T, Map.of(), Map.of("plan", "gold"), Map.of());
        assertThat(nobody.with(group).visibleTraits()).doesNotContainKey("plan");
    }

    @Test
    void theAddressLastSeenIsTheOneThatChannelsUse() {
        assertThat(nobody.with(identify("m1", T, Map.of())).addresses())
                .isEqualTo(Map.of(Channel.EMAIL, "ana@example.com", Channel.SMS, "+34600111222"));
    }

    @Test
    void anAddressThatWasRefusedIsNotTheCustomers() {
        Profile other =
                Profile.created(new CustomerId(new UUID(0, 2)), List.of(), Knowledge.of(T), T);
        assertThat(other.with(identify("m1", T, Map.of())).addresses()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Madrid, Europe/Madrid",
        "Nowhere/Land,",
        "GMT+2,",
        "'; drop table',",
    })
    void aTimeZoneIsANameOfTheTzDatabase(String said, String known) {
        AcceptedEvent event =
                event("m1", Kind.PAGE, null, T, Map.of(), Map.of(), Map.of("timezone", said));
        assertThat(nobody.with(event).timeZone()).isEqualTo(known);
    }

    @Test
    void whatWasStatedOfHerIsKnownBesideWhatHerDeviceSays() {
        Profile traveller =
                nobody.with(identify("m1", T, Map.of("timeZone", "Europe/Madrid")))
                        .with(page("m2", T.plusSeconds(1), "Asia/Tokyo"));
        assertThat(traveller.timeZone()).isEqualTo("Asia/Tokyo");
        assertThat(traveller.whereabouts().text())
                .isEqualTo("Asia/Tokyo,Europe/Madrid|ES|Atlantic/Canary");

        Profile home = traveller.with(page("m3", T.plusSeconds(2), "Europe/Madrid"));
        assertThat(home.whereabouts().text()).isEqualTo("Europe/Madrid|ES|Atlantic/Canary");
        assertThat(home.looksLike(traveller)).isFalse();
    }

    @Test
    void aDevicesZoneIsForgottenOnceSheWasSeenWithoutItForLong() {
        Profile traveller =
                nobody.with(identify("m1", T, Map.of("timezone", "Europe/Madrid")))
                        .with(page("m2", T, "Asia/Tokyo"));
        Instant later = T.plus(Profile.RECENT);
        assertThat(traveller.with(identify("m3", later, Map.of())).whereabouts().text())
                .isEqualTo("Asia/Tokyo,Europe/Madrid|ES|Atlantic/Canary");
        assertThat(
                        traveller
                                .with(identify("m3", later.plusMillis(1), Map.of()))
                                .whereabouts()
                                .text())
                .isEqualTo("Europe/Madrid|ES|Atlantic/Canary");
    }

    @Test
    void anAddressIsReadOfTheTraitOrOfTraitsOfTheirOwn() {
        Map<String, Object> nested =
                Map.of("address", Map.of("country", "US", "state", "TX", "city", "El Paso"));
        Map<String, Object> flat = Map.of("country", "United States", "state", "Texas");
        for (Map<String, Object> traits : List.of(nested, flat)) {
            Profile texan = nobody.with(identify("m1", T, traits));
            assertThat(texan.whereabouts().text())
                    .isEqualTo(
                            "America/Chicago,America/Denver|ES,US-TX|Atlantic/Canary,Europe/Madrid");
        }
    }

    private static AcceptedEvent page(String id, Instant at, String zone) {
        return event(id, Kind.PAGE, null, at, Map.of(), Map.of(), Map.of("timezone", zone));
    }

    @ParameterizedTest
    @CsvSource({"en_US, en-US", "de-CH, de-CH", "es, es", "'', "})
    void aLocaleIsALanguageTag(String said, String known) {
        AcceptedEvent event =
                event("m1", Kind.PAGE, null, T, Map.of(), Map.of(), Map.of("locale", said));
        assertThat(nobody.with(event).locale()).isEqualTo(known);
    }

    @Test
    void ordersAreCountedAndRevenueAddedByCurrency() {
        Profile shopper =
                nobody.with(order("m1", Map.of("revenue", 10, "currency", "EUR")))
                        .with(order("m2", Map.of("revenue", "2.50", "currency", "eur")))
                        .with(order("m3", Map.of("subtotal", 4, "total", 9, "currency", "USD")))
                        .with(
                                order(
                                        "m4",
                                        Map.of(
                                                "total",
                                                9,
                                                "tax",
                                                1,
                                                "shipping",
                                                2,
                                                "currency",
                                                "USD")))
                        .with(order("m5", Map.of("revenue", "a lot")));
        assertThat(shopper.knowledge().purchases().orders()).isEqualTo(5);
        assertThat(shopper.knowledge().purchases().revenue())
                .isEqualTo(Map.of("EUR", new BigDecimal("12.50"), "USD", new BigDecimal("10")));
        assertThat(shopper.visibleTraits()).containsEntry("orders", 5);
    }

    @Test
    void aTraitOfTheCallerGoesBeforeAComputedOne() {
        assertThat(nobody.with(identify("m1", T, Map.of("orders", 99))).visibleTraits())
                .containsEntry("orders", 99);
    }

    @Test
    void beingSeenAgainIsNoChangeForReaders() {
        Profile seen = nobody.with(identify("m1", T, Map.of("plan", "gold")));
        Profile again = seen.with(identify("m2", T.plusSeconds(9), Map.of("plan", "gold")));
        assertThat(again.looksLike(seen)).isTrue();
        assertThat(again.knowledge().lastSeen()).isEqualTo(T.plusSeconds(9));
    }

    @Test
    void whatTwoSightingsSaidIsJoinedInAnyOrder() {
        Knowledge a =
                Knowledge.of(T)
                        .with(identify("m1", T, Map.of("plan", "gold", "size", 1)))
                        .with(order("m2", Map.of("revenue", 1, "currency", "EUR")));
        Knowledge b =
                Knowledge.of(T.minusSeconds(5))
                        .with(identify("m3", T.plusSeconds(1), Map.of("plan", "basic")));
        assertThat(a.joinedWith(b)).isEqualTo(b.joinedWith(a));
        Profile joined = nobody.with(nobody.identifiers(), a.joinedWith(b));
        assertThat(joined.visibleTraits())
                .containsEntry("plan", "basic")
                .containsEntry("size", 1)
                .containsEntry("orders", 1);
        assertThat(joined.knowledge().firstSeen()).isEqualTo(T.minusSeconds(5));
    }

    @Test
    void ofTwoAddressesTheOneLastSeenIsUsedAsLongAsItIsTheCustomers() {
        Identifier other = Identifier.of("email:ana@work.example");
        Knowledge both =
                Knowledge.of(T)
                        .withAddress(EMAIL, T, "m1")
                        .withAddress(other, T.plusSeconds(1), "m2");
        Profile holdsBoth = nobody.with(new TreeSet<>(List.of(EMAIL, other)), both);
        assertThat(holdsBoth.addresses()).containsEntry(Channel.EMAIL, "ana@work.example");
        Profile holdsOne = nobody.with(new TreeSet<>(List.of(EMAIL)), both);
        assertThat(holdsOne.addresses()).containsEntry(Channel.EMAIL, "ana@example.com");
    }

    @Test
    void anAverageIsOfTheOrdersThatSayWhatTheyCameTo() {
        Profile shopper =
                nobody.with(order("m1", Map.of("revenue", 10, "currency", "EUR")))
                        .with(order("m2", Map.of("revenue", "2.51", "currency", "EUR")))
                        .with(order("m3", Map.of("revenue", "7.5", "currency", "USD")))
                        .with(order("m4", Map.of()));
        assertThat(shopper.visibleTraits())
                .containsEntry("orders", 4)
                .containsEntry(
                        "average_order_value",
                        Map.of("EUR", new BigDecimal("6.26"), "USD", new BigDecimal("7.50")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e999999999",
                "1e-999999999",
                "0e999999999",
                "-1e309",
                "NaN",
                "1e9999999999"
            })
    void anAmountThatNoOrderComesToAddsNothing(String said) {
        Purchases purchases =
                Purchases.NONE
                        .plusOrder(Map.of("revenue", 5, "currency", "EUR"), T)
                        .plusOrder(Map.of("revenue", said, "currency", "EUR"), T)
                        .plusOrder(Map.of("total", 2, "tax", said, "currency", "EUR"), T);
        assertThat(purchases.orders()).isEqualTo(3);
        assertThat(purchases.revenue().get("EUR")).isEqualByComparingTo("7");
    }

    @Test
    void whatOrdersSaidIsTheSameHoweverItIsDividedAndJoined() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<AcceptedEvent> orders = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Map<String, Object> properties = new HashMap<>();
                if (random.nextInt(4) > 0) {
                    properties.put(
                            "revenue", BigDecimal.valueOf(random.nextInt(900), random.nextInt(4)));
                }
                properties.put("currency", random.nextBoolean() ? "EUR" : "USD");
                orders.add(order("m" + i, T.plusSeconds(random.nextInt(9)), properties));
            }
            Knowledge inOneGo = Knowledge.of(T);
            for (AcceptedEvent order : orders) {
                inOneGo = inOneGo.with(order);
            }
            Collections.shuffle(orders, random);
            List<Knowledge> parts = new ArrayList<>(Collections.nCopies(4, Knowledge.of(T)));
            for (AcceptedEvent order : orders) {
                int part = random.nextInt(parts.size());
                parts.set(part, parts.get(part).with(order));
            }
            while (parts.size() > 1) {
                Knowledge one = parts.remove(random.nextInt(parts.size()));
                int other = random.nextInt(parts.size());
                parts.set(other, parts.get(other).joinedWith(one));
            }
            assertThat(parts.getFirst()).as("seed %d", seed).isEqualTo(inOneGo);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"orders\":0,\"revenue\":{}} | {}",
                "{\"orders\":2,\"revenue\":{\"EUR\":12.5}} | {EUR=6.25}",
                "{\"orders\":2,\"revenue\":{\"EUR\":12.5,\"USD\":3}} | {}",
            })
    void whatWasStoredBeforeAveragesWereKeptIsRead(String stored, String averages)
            throws JsonProcessingException {
        Purchases purchases = ContractJson.mapper().readValue(stored, Purchases.class);
        assertThat(purchases.averageOrderValue()).hasToString(averages);
        assertThat(purchases.lastOrderAt()).isNull();
        Purchases more = purchases.plusOrder(Map.of("revenue", 1, "currency", "GBP"), T);
        String written = ContractJson.mapper().writeValueAsString(more);
        assertThat(ContractJson.mapper().readValue(written, Purchases.class)).isEqualTo(more);
        assertThat(more.lastOrderAt()).isEqualTo(T);
    }

    private static AcceptedEvent order(String id, Map<String, Object> properties) {
        return order(id, T, properties);
    }

    private static AcceptedEvent order(String id, Instant at, Map<String, Object> properties) {
        return event(id, Kind.TRACK, "Order Completed", at, properties, Map.of(), Map.of());
    }

    private static AcceptedEvent identify(String id, Instant at, Map<String, Object> traits) {
        return event(id, Kind.IDENTIFY, null, at, Map.of(), traits, Map.of());
    }

    private static AcceptedEvent event(
            String id,
            Kind kind,
            @Nullable String name,
            Instant at,
            Map<String, Object> properties,
            Map<String, Object> traits,
            Map<String, Object> context) {
        return new AcceptedEvent(
                id,
                "shop",
                kind,
                name,
                List.of(EMAIL, PHONE),
                properties,
                traits,
                context,
                at,
                at,
                null,
                null);
    }
}
