package io.throughline.identity.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The id of an accepted event")
class FingerprintTest {

    private static final String ORDER =
            """
            {"type":"track","userId":"u","messageId":"m","event":"Order Completed",
             "timestamp":"2026-11-23T10:00:00.120Z","properties":{"total":10,"items":["a","b"],"gift":null}}
            """;

    @Test
    void isTheSameHoweverOftenAndWheneverItIsSent() {
        UUID first = of("shop", "2026-11-23T10:00:01Z", ORDER);
        assertThat(of("shop", "2026-11-23T11:00:00Z", ORDER)).isEqualTo(first);
        assertThat(
                        of(
                                "shop",
                                "2026-11-23T11:00:00Z",
                                ORDER.replace(
                                        "{\"type\"",
                                        "{\"sentAt\":\"2026-11-23T10:59:59Z\",\"context\":{\"retry\":3},\"type\"")))
                .isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"userId\":\"u\" > \"userId\":\"v\"",
                "\"messageId\":\"m\" > \"messageId\":\"n\"",
                "Completed > Cancelled",
                "10:00:00.120Z > 10:00:00.121Z",
                "\"total\":10 > \"total\":11",
                "\"total\":10 > \"total\":\"10\"",
                "[\"a\",\"b\"] > [\"ab\"]",
                "[\"a\",\"b\"] > [[\"a\"],\"b\"]",
                "\"gift\":null > \"gift\":\"\"",
                "\"gift\":null > \"other\":null",
                "\"type\":\"track\" > \"type\":\"identify\"",
            })
    void isAnotherWhereSomethingElseHappened(String change) {
        String[] fromTo = change.split(" > ", 2);
        String other = ORDER.replace(fromTo[0], fromTo[1]);
        assertThat(other).isNotEqualTo(ORDER);
        assertThat(of("shop", "2026-11-23T10:00:01Z", other))
                .isNotEqualTo(of("shop", "2026-11-23T10:00:01Z", ORDER));
    }

    @Test
    void isAnotherForAnotherSource() {
        assertThat(of("app", "2026-11-23T10:00:01Z", ORDER))
                .isNotEqualTo(of("shop", "2026-11-23T10:00:01Z", ORDER));
    }

    @Test
    void beginsWithTheTimeOfTheSenderSoThatNeighboursStayTogether() {
        UUID id = of("shop", "2026-11-23T10:00:01Z", ORDER);
        assertThat(id.version()).isEqualTo(8);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16))
                .isEqualTo(Instant.parse("2026-11-23T10:00:00.120Z"));
    }

    private static UUID of(String source, String receivedAt, String event) {
        Checked<TrackingBody> read =
                TrackingBody.read(Call.BATCH, ("{\"batch\":[" + event + "]}").getBytes(UTF_8));
        TrackingBody body = ((Checked.Fine<TrackingBody>) read).value();
        Checked<List<AcceptedEvent>> events =
                body.events(
                        Reception.of(source, Trust.TRUSTED, Instant.parse(receivedAt)),
                        () -> "given");
        return Fingerprint.of(((Checked.Fine<List<AcceptedEvent>>) events).value().getFirst());
    }
}
