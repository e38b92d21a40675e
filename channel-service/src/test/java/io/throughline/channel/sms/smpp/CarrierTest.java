package io.throughline.channel.sms.smpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.throughline.channel.sms.CommandStatus.Meaning;
import io.throughline.channel.sms.ProviderIds;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A carrier's settings")
class CarrierTest {

    @Test
    void haveDefaultsForAllButTheAccount() {
        Carrier carrier = Carrier.of(settings(2775, Map.of()));

        assertThat(carrier.window()).isEqualTo(50);
        assertThat(carrier.binds()).isEqualTo(1);
        assertThat(carrier.responseTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(carrier.customs().ids()).isEqualTo(ProviderIds.AS_IS);
        assertThat(carrier.source().value()).isEqualTo("12345");
    }

    @Test
    void thatAreMissingAreAllNamed() {
        assertThatThrownBy(() ->
                        Carrier.of(
                                settings(
                                        2775,
                                        Map.of(
                                                "system-id", "",
                                                "password", "",
                                                "source-address", ""))))
                .hasMessage(
                        "The SMS route cannot start: throughline.channel.smpp.system-id is missing;"
                                + " throughline.channel.smpp.password is missing;"
                                + " throughline.channel.smpp.source-address is missing");
    }

    @Test
    void thatCannotBeAreRefusedWithWhatWasExpected() {
        assertThatThrownBy(() -> Carrier.of(settings(2775, Map.of("password", "ninechars"))))
                .hasMessageContaining("password has more than 8 characters");
        assertThatThrownBy(() -> Carrier.of(settings(2775, Map.of("receipt-zone", "Mars"))))
                .hasMessageContaining("receipt-zone is Mars, expected one such as Europe/Madrid");
        assertThatThrownBy(() -> Carrier.of(settings(2775, Map.of("window", "0"))))
                .hasMessageContaining("window is 0, expected 1 to 1000");
        assertThatThrownBy(() -> Carrier.of(settings(2775, Map.of("source-address", "Café"))))
                .hasMessageContaining("source-address: 'Café' is none of");
        assertThatThrownBy(
                        () -> Carrier.of(settings(2775, Map.of("vendor-status.odd", "THROTTLED"))))
                .hasMessageContaining("vendor-status has a key that is no number such as 0x410");
    }

    @Test
    void tellWhatACarriersOwnCodesMean() {
        Carrier carrier = Carrier.of(settings(2775, Map.of("vendor-status.0x410", "throttled")));

        assertThat(carrier.judge(0x410).meaning()).isEqualTo(Meaning.THROTTLED);
    }

    @Test
    void doNotTellThePasswordInALog() {
        assertThat(Carrier.of(settings(2775, Map.of())).toString())
                .doesNotContain(ScriptedSmsc.PASSWORD);
    }

    /** What a test needs, and more. */
    static SmppSettings settings(int port, Map<String, String> more) {
        Map<String, String> all =
                new HashMap<>(
                        Map.of(
                                "host", "127.0.0.1",
                                "port", String.valueOf(port),
                                "system-id", "throughline",
                                "password", ScriptedSmsc.PASSWORD,
                                "source-address", "12345"));
        all.putAll(more);
        SmallRyeConfigBuilder config = new SmallRyeConfigBuilder().withMapping(SmppSettings.class);
        all.forEach(
                (key, value) -> config.withDefaultValue("throughline.channel.smpp." + key, value));
        return config.build().getConfigMapping(SmppSettings.class);
    }
}
