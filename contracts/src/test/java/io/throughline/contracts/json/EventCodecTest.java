package io.throughline.contracts.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ContactPolicyPublished;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventCodecTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00.123Z");
    private static final CustomerId ANA = CustomerId.of("0193592a-6c00-7000-8000-000000000001");

    private final EventCodec codec = new EventCodec();

    private static Envelope<ConsentChanged> optOut() {
        return new Envelope<>(
                UUID.fromString("0193592a-6c00-7000-8000-0000000000ff"),
                "/throughline/identity",
                NOON,
                new ConsentChanged(
                        ANA,
                        Channel.SMS,
                        null,
                        ConsentState.OPTED_OUT,
                        "+34600111222",
                        "keyword",
                        NOON,
                        NOON));
    }

    @Test
    void aRecordLooksOnTheWireAsDocumented() {
        assertThat(codec.headers(optOut()))
                .containsExactly(
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_id", "0193592a-6c00-7000-8000-0000000000ff"),
                        Map.entry("ce_source", "/throughline/identity"),
                        Map.entry("ce_type", "io.throughline.consent-changed"),
                        Map.entry("ce_time", "2026-11-23T12:00:00.123Z"),
                        Map.entry("content-type", "application/json"));
        assertThat(new String(codec.value(optOut().data()), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"customer\":\"0193592a-6c00-7000-8000-000000000001\",\"channel\":\"sms\","
                                + "\"state\":\"opted_out\",\"address\":\"+34600111222\",\"source\":\"keyword\","
                                + "\"occurredAt\":\"2026-11-23T12:00:00.123Z\","
                                + "\"recordedAt\":\"2026-11-23T12:00:00.123Z\"}");
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(codec.decode(codec.headers(optOut()), codec.value(optOut().data())))
                .isEqualTo(new EventCodec.Read(optOut()));
    }

    @Test
    void anEventFromBeforeSourcesHadTrustIsRead() {
        AcceptedEvent event =
                new AcceptedEvent(
                        "m-1",
                        "shop",
                        AcceptedEvent.Kind.TRACK,
                        "Cart Viewed",
                        List.of(Identifier.of("user_id:ana")),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        NOON,
                        NOON,
                        null,
                        null);
        assertThat(new String(codec.value(event), StandardCharsets.UTF_8))
                .doesNotContain("trust", "integrations");
        assertThat(readBack(event)).isEqualTo(event);
    }

    @Test
    void whatAnEventSaysOfTrustAndDestinationsTravels() {
        AcceptedEvent event =
                new AcceptedEvent(
                        "m-1",
                        "shop",
                        AcceptedEvent.Kind.TRACK,
                        "Cart Viewed",
                        List.of(Identifier.of("user_id:ana")),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        NOON,
                        NOON,
                        null,
                        null,
                        Map.of("All", false),
                        Trust.CLAIMED);
        assertThat(new String(codec.value(event), StandardCharsets.UTF_8))
                .contains("\"trust\":\"claimed\"", "\"integrations\":{\"All\":false}");
        assertThat(readBack(event)).isEqualTo(event);
    }

    private Object readBack(AcceptedEvent event) {
        Envelope<AcceptedEvent> envelope =
                new Envelope<>(new UUID(1, 2), "/throughline/identity", NOON, event);
        EventCodec.Decoded decoded = codec.decode(codec.headers(envelope), codec.value(event));
        assertThat(decoded).isInstanceOf(EventCodec.Read.class);
        return ((EventCodec.Read) decoded).envelope().data();
    }

    @Test
    void aTraitThatWasUnsetStaysUnset() {
        Map<String, Object> traits = new HashMap<>();
        traits.put("plan", null);
        ProfileChanged profile =
                new ProfileChanged(
                        ANA,
                        3,
                        List.of(new Identifier(Identifier.EMAIL, "ana@example.com")),
                        traits,
                        Map.of(Channel.EMAIL, "ana@example.com"),
                        null,
                        null,
                        NOON,
                        NOON);
        Envelope<ProfileChanged> envelope = new Envelope<>(UUID.randomUUID(), "/t", NOON, profile);
        assertThat(codec.decode(codec.headers(envelope), codec.value(profile)))
                .isEqualTo(new EventCodec.Read(envelope));
    }

    @Test
    void theContactPolicyComesBackWhole() {
        ContactPolicyPublished published =
                new ContactPolicyPublished(ContactPolicy.initial(), NOON);
        Envelope<ContactPolicyPublished> envelope =
                new Envelope<>(UUID.randomUUID(), "/t", NOON, published);
        assertThat(codec.decode(codec.headers(envelope), codec.value(published)))
                .isEqualTo(new EventCodec.Read(envelope));
    }

    @Test
    void aFieldFromANewerWriterIsIgnored() {
        String newer =
                new String(codec.value(optOut().data()), StandardCharsets.UTF_8)
                        .replace("{\"customer\"", "{\"colour\":\"red\",\"customer\"");
        assertThat(codec.decode(codec.headers(optOut()), newer.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new EventCodec.Read(optOut()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"customer\":                        | cannot be read",
                "null                                  | lacks the field data",
                "{\"channel\":\"sms\"}                 | lacks the field customer",
                "{\"customer\":\"x\"}                  | cannot be read",
                "{\"channel\":\"fax\"}                 | unknown channel 'fax', expected one of email",
                "[]                                    | cannot be read"
            })
    void aPoisonRecordIsAnswered(String value, String reason) {
        EventCodec.Decoded decoded =
                codec.decode(codec.headers(optOut()), value.getBytes(StandardCharsets.UTF_8));
        assertThat(decoded)
                .isInstanceOfSatisfying(
                        EventCodec.Unreadable.class, u -> assertThat(u.reason()).contains(reason));
    }

    @Test
    void anUnknownTypeOrAMissingHeaderIsAnswered() {
        Map<String, String> headers = new HashMap<>(codec.headers(optOut()));
        headers.put("ce_type", "io.throughline.from-the-future");
        assertThat(codec.decode(headers, new byte[0]))
                .isEqualTo(
                        new EventCodec.Unreadable(
                                "type io.throughline.from-the-future is unknown"));
        headers.remove("ce_type");
        assertThat(codec.decode(headers, new byte[0]))
                .isEqualTo(new EventCodec.Unreadable("header ce_type is missing"));
        assertThat(codec.decode(codec.headers(optOut()), null))
                .isEqualTo(new EventCodec.Unreadable("the record has no value"));
    }
}
