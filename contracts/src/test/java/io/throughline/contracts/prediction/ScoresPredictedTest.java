package io.throughline.contracts.prediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.json.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoresPredictedTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final CustomerId ANA = CustomerId.of("0193592a-6c00-7000-8000-000000000001");

    private final EventCodec codec = new EventCodec();

    @Test
    void looksOnTheWireAsDocumented() {
        ScoresPredicted scores = predicted(Map.of("purchase_30d", 0.04, "churn_90d", 1.0));
        assertThat(new String(codec.value(scores), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"customer\":\"0193592a-6c00-7000-8000-000000000001\","
                                + "\"scores\":{\"churn_90d\":1.0,\"purchase_30d\":0.04},"
                                + "\"model\":\"propensity\",\"version\":\"7\",\"at\":\"2026-11-23T12:00:00Z\"}");
        assertThat(decode(new String(codec.value(scores), StandardCharsets.UTF_8)))
                .isEqualTo(new EventCodec.Read(envelope(scores)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "^scores^:{^p^:1.01}; a score is a number from 0 to 1, p was 1.01",
                "^scores^:{^p^:-0.5}; a score is a number from 0 to 1, p was -0.5",
                "^scores^:{^p^:1e999}; a score is a number from 0 to 1, p was Infinity",
                "^scores^:{^p^:^NaN^}; a score is a number from 0 to 1, p was NaN",
                "^scores^:{^p^:null}; a score is a number from 0 to 1, p was null",
                "^scores^:{^p^:NaN}; Non-standard token ^NaN^",
                "^scores^:{^p^:^high^}; not a valid",
                "^scores^:{^Purchase^:0.5}; the name of a score is up to 63 lower-case letters",
                "^scores^:{^purchase-30d^:0.5}; the name of a score is up to 63 lower-case letters",
                "^scores^:{^30d^:0.5}; the name of a score is up to 63 lower-case letters",
                "^scores^:{}; scores has 1 to 50 names, had 0",
                "^score^:{^p^:0.5}; lacks the field scores",
            })
    void whatBreaksARuleCannotBeRead(String scores, String reason) {
        String json =
                """
                {^customer^:^%s^,%s,^model^:^m^,^version^:^1^,^at^:^2026-11-23T12:00:00Z^}
                """
                        .formatted(ANA, scores);
        assertThat(decode(json.replace('^', '"')))
                .isInstanceOfSatisfying(
                        EventCodec.Unreadable.class,
                        unreadable ->
                                assertThat(unreadable.reason())
                                        .contains(reason.replace('^', '\'')));
    }

    @Test
    void aRecordHasAtMostFiftyScores() {
        Map<String, Double> many = new LinkedHashMap<>();
        for (int i = 0; i < 51; i++) {
            many.put("s" + i, 0.5);
        }
        assertThatThrownBy(() -> predicted(many)).hasMessage("scores has 1 to 50 names, had 51");
        many.remove("s50");
        assertThat(predicted(many).scores()).hasSize(50);
    }

    @Test
    void theKeyIsTheCustomersIdAndNothingIsMadeInTheFuture() {
        ScoresPredicted scores = predicted(Map.of("p", 0.5));
        assertThat(scores.objection(ANA.toString(), NOON)).isEmpty();
        assertThat(scores.objection(ANA.toString(), NOON.minus(Duration.ofMinutes(5)))).isEmpty();
        assertThat(scores.objection(ANA.toString(), NOON.minus(Duration.ofMinutes(6))))
                .contains("at is 2026-11-23T12:00:00Z, which is still to come");
        assertThat(scores.objection("ana", NOON))
                .contains("the record's key is not the customer's id");
        assertThat(scores.objection(null, NOON)).isPresent();
    }

    private static ScoresPredicted predicted(Map<String, Double> scores) {
        return new ScoresPredicted(ANA, scores, "propensity", "7", NOON);
    }

    private static Envelope<ScoresPredicted> envelope(ScoresPredicted scores) {
        return new Envelope<>(
                UUID.fromString("0193592a-6c00-7000-8000-0000000000ff"), "/models", NOON, scores);
    }

    private EventCodec.Decoded decode(String json) {
        return codec.decode(
                codec.headers(envelope(predicted(Map.of("p", 0.5)))),
                json.getBytes(StandardCharsets.UTF_8));
    }
}
