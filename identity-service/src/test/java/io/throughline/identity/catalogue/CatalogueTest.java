package io.throughline.identity.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.json.EventCodec;
import io.throughline.identity.catalogue.Catalogue.Entry;
import io.throughline.identity.catalogue.Catalogue.Seen;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The catalogue")
class CatalogueTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final EventName ORDER = new EventName(Kind.TRACK, "Order Completed");

    @Test
    void hasTheEventsOfEverySpecificationWithTheirProperties() {
        List<Specification> specifications = Specification.all();
        assertThat(specifications)
                .extracting(Specification::name)
                .containsExactly("ecommerce", "banking", "travel");
        assertThat(expected(specifications, "Order Completed"))
                .containsEntry("revenue", PropertyType.NUMBER)
                .containsEntry("products", PropertyType.ARRAY)
                .containsEntry("order_id", PropertyType.STRING);
        assertThat(expected(specifications, "Checkout Started"))
                .containsEntry("value", PropertyType.NUMBER)
                .doesNotContainKey("total");
        assertThat(specifications).allSatisfy(s -> assertThat(s.events()).hasSizeGreaterThan(25));
    }

    @Test
    void joinsWhatCameToWhatASpecificationHas() {
        Seen order = new Seen(ORDER, 7, NOW, NOW);
        Seen own = new Seen(new EventName(Kind.TRACK, "Quiz Done"), 1, NOW, NOW);
        Seen page = new Seen(new EventName(Kind.PAGE, "Order Completed"), 1, NOW, NOW);
        Catalogue catalogue = Catalogue.of(Specification.all(), List.of(order, own, page));

        Entry known = entry(catalogue, ORDER);
        assertThat(known.seen()).isEqualTo(order);
        assertThat(known.specification()).isNotNull();
        assertThat(known.expected()).containsKey("revenue");
        assertThat(entry(catalogue, own.event()).specification()).isNull();
        assertThat(entry(catalogue, own.event()).expected()).isEmpty();
        assertThat(entry(catalogue, page.event()).specification()).isNull();
        assertThat(entry(catalogue, new EventName(Kind.TRACK, "Account Opened")).seen()).isNull();
        assertThat(catalogue.entries())
                .extracting(Entry::event)
                .isSortedAccordingTo(EventName.BY_NAME);
    }

    @Test
    void warnsOfANameOnlyAmongItsOwnKind() {
        Seen track = new Seen(new EventName(Kind.TRACK, "Order completed"), 9, NOW, NOW);
        Seen page = new Seen(new EventName(Kind.PAGE, "Order completed"), 9, NOW, NOW);
        Catalogue catalogue = Catalogue.of(Specification.all(), List.of(track, page));
        assertThat(catalogue.duplicate(track.event()))
                .isEqualTo(
                        new NearDuplicates.Duplicate(
                                "Order Completed", NearDuplicates.Difference.WRITING));
        assertThat(catalogue.duplicate(page.event())).isNull();
        assertThat(catalogue.duplicate(ORDER)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "NUMBER,  NUMBER,  false",
        "NUMBER,  INTEGER, false",
        "NUMBER,  NULL,    false",
        "NUMBER,  STRING,  true",
        "INTEGER, NUMBER,  true",
        "STRING,  INTEGER, true",
        "ARRAY,   OBJECT,  true",
    })
    void warnsOfAPropertyOfAnotherType(PropertyType expected, PropertyType came, boolean warns) {
        assertThat(Catalogue.isUnexpected(expected, came.bit())).isEqualTo(warns);
        assertThat(Catalogue.isUnexpected(null, came.bit())).isFalse();
    }

    @Test
    void looksAtAnEventWithoutReadingAllOfIt() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("total", new BigDecimal("41.50"));
        properties.put("quantity", 2);
        properties.put("gift", true);
        properties.put("note", null);
        properties.put("coupon", "SPRING");
        properties.put("products", List.of(Map.of("sku", "a")));
        properties.put("address", Map.of("city", "Ávila"));
        Glance glance = Glance.at(written(ORDER.name(), properties)).orElseThrow();
        assertThat(glance.event()).isEqualTo(ORDER);
        assertThat(glance.properties())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "total", PropertyType.NUMBER,
                                "quantity", PropertyType.INTEGER,
                                "gift", PropertyType.BOOLEAN,
                                "note", PropertyType.NULL,
                                "coupon", PropertyType.STRING,
                                "products", PropertyType.ARRAY,
                                "address", PropertyType.OBJECT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"kind\":\"track\"",
                "{\"kind\":\"zap\",\"name\":\"E\"}",
                "{\"kind\":\"track\"}",
                "{\"kind\":\"identify\",\"name\":null}",
                "{\"kind\":\"track\",\"name\":\" \"}",
            })
    void passesOverWhatHasNoName(String event) {
        assertThat(Glance.at(event.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void holdsSoManyNamesAndPropertiesAndCountsTheRest() {
        Tally tally = new Tally();
        for (int i = 0; i < Tally.MOST_NAMES + 5; i++) {
            tally.add(new Glance(new EventName(Kind.TRACK, "E" + i), Map.of()), NOW);
        }
        tally.add(new Glance(new EventName(Kind.TRACK, "E0"), Map.of()), NOW.minusSeconds(9));
        assertThat(tally.lines()).hasSize(Tally.MOST_NAMES);
        assertThat(tally.leftOut()).isEqualTo(5);
        Tally.Line first = line(tally, new EventName(Kind.TRACK, "E0"));
        assertThat(first.count()).isEqualTo(2);
        assertThat(first.first()).isEqualTo(NOW.minusSeconds(9));
        assertThat(first.last()).isEqualTo(NOW);

        Map<String, Object> many = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            many.put("p" + i, i);
        }
        many.put("x".repeat(101), 1);
        assertThat(Glance.at(written("E", many)).orElseThrow().properties())
                .hasSizeLessThanOrEqualTo(Tally.MOST_PROPERTIES)
                .doesNotContainKey("x".repeat(101));
    }

    @Test
    void gathersTheTypesThatAPropertyHad() {
        Tally tally = new Tally();
        tally.add(new Glance(ORDER, Map.of("total", PropertyType.NUMBER)), NOW);
        tally.add(new Glance(ORDER, Map.of("total", PropertyType.STRING)), NOW);
        assertThat(PropertyType.of(line(tally, ORDER).types().getOrDefault("total", 0)))
                .containsExactly(PropertyType.STRING, PropertyType.NUMBER);
    }

    private static Map<String, PropertyType> expected(
            List<Specification> specifications, String name) {
        return entry(Catalogue.of(specifications, List.of()), new EventName(Kind.TRACK, name))
                .expected();
    }

    private static Tally.Line line(Tally tally, EventName event) {
        return Objects.requireNonNull(tally.lines().get(event));
    }

    private static Entry entry(Catalogue catalogue, EventName event) {
        return catalogue.entries().stream()
                .filter(e -> e.event().equals(event))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] written(String name, Map<String, Object> properties) {
        return new EventCodec()
                .value(
                        new AcceptedEvent(
                                "m",
                                "shop",
                                Kind.TRACK,
                                name,
                                List.of(Identifier.of("user_id:u")),
                                properties,
                                Map.of("name", "not the event's"),
                                Map.of("page", Map.of("name", "not the event's")),
                                NOW,
                                NOW,
                                null,
                                null));
    }
}
