package io.throughline.identity.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private static AcceptedEvent order(String id, Map<String, Object> properties) {
        return event(id, Kind.TRACK, "Order Completed", T, properties, Map.of(), Map.of());
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
