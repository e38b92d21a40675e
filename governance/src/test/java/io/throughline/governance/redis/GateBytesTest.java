package io.throughline.governance.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.NearlyLeft;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory.Contact;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.throughline.governance.rules.Rules;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Golden: instances of different versions and customers stored before an update share these. */
@DisplayName("On the wire")
class GateBytesTest {

    private static final CustomerId ANA = CustomerId.of("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final MessageId MESSAGE = MessageId.of("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    private static final Instant AT = Instant.ofEpochMilli(0x0198_7654_3210L);

    @Test
    @DisplayName("a customer's and an address's key are these")
    void keys() {
        assertThat(GateBytes.key(ANA)).isEqualTo("thl:{01890a5dac96774bbcceb302099a8057}");
        assertThat(GateBytes.key(Channel.SMS, "+15550100"))
                .isEqualTo("thl:a:{sms:602cd7fbbe41688e2d90224bcac362db}");
    }

    @Test
    @DisplayName("a request, the rules, a consent, a silence and a contact are these bytes")
    void bytes() {
        GateRequest request =
                new GateRequest(
                        ANA, MESSAGE, Channel.SMS, Category.MARKETING, null, "cart", "+15550100");
        assertThat(hex(GateBytes.request(request, null)))
                .isEqualTo("010000000000000305e82c33015e90e87bd5ee");
        assertThat(hex(GateBytes.request(request, AT)))
                .isEqualTo("010000000000000305e82c33015e90e87bd5ee019876543210");
        assertThat(
                        hex(
                                GateBytes.quiet(
                                        "nights",
                                        AT,
                                        List.of(
                                                new Interval(AT.plusMillis(1), AT.plusMillis(2)),
                                                new Interval(AT.plusMillis(3), AT.plusMillis(4))),
                                        "UTC")))
                .isEqualTo(
                        "56f2bc9e7552019876543210019876543211019876543212019876543213019876543214555443");
        assertThat(
                        hex(
                                GateBytes.rules(
                                        Rules.of(
                                                ContactPolicy.initial(),
                                                Channel.SMS,
                                                Category.MARKETING,
                                                null,
                                                "cart"),
                                        Duration.ofSeconds(1),
                                        Duration.ofDays(30))))
                .isEqualTo(
                        "070000240c8400000024437280000003e800009a7ec800030100000002000005265c000000000003000005265c0000000000080000240c8400");
        assertThat(
                        hex(
                                GateBytes.rules(
                                        Rules.of(
                                                ContactPolicy.initial()
                                                        .withFatigue(
                                                                new Fatigue(
                                                                        null,
                                                                        List.of(
                                                                                new ContactPolicy
                                                                                        .Step(
                                                                                        5,
                                                                                        new BigDecimal(
                                                                                                "0.5"))),
                                                                        new NearlyLeft(
                                                                                Duration.ofDays(30),
                                                                                new BigDecimal(
                                                                                        "0.25")),
                                                                        null)),
                                                Channel.EMAIL,
                                                Category.MARKETING,
                                                null,
                                                "cart"),
                                        Duration.ofSeconds(1),
                                        Duration.ofDays(30))))
                .isEqualTo(
                        "070000240c8400000024437280000003e800009a7ec800820000000003000005265c0000000000080000240c8400020000240c8400000000009a7ec800000000010000000200050000000000000000000100000004");
        assertThat(
                        hex(
                                GateBytes.consents(
                                        List.of(
                                                new ConsentWrite(
                                                        ANA,
                                                        null,
                                                        Channel.WHATSAPP,
                                                        "offers",
                                                        ConsentState.OPTED_OUT,
                                                        AT)))))
                .isEqualTo("1219f7e15383da019876543210");
        assertThat(hex(GateBytes.silences(List.of(new SilenceWrite(ANA, null, AT)))))
                .isEqualTo("9ce48422e8d700000000000001987654321000000000000000");
        assertThat(
                        hex(
                                GateBytes.silences(
                                        List.of(
                                                new SilenceWrite(
                                                        ANA,
                                                        "cart",
                                                        Set.of(Category.SERVICE),
                                                        "cart",
                                                        AT,
                                                        AT,
                                                        true)))))
                .isEqualTo("5e90e87bd5ee5e90e87bd5ee01987654321001987654321005");
        assertThat(
                        hex(
                                GateBytes.contacts(
                                        List.of(
                                                new Contact(
                                                        MESSAGE,
                                                        Channel.EMAIL,
                                                        Category.TRANSACTIONAL,
                                                        "offers",
                                                        "cart",
                                                        AT,
                                                        true)))))
                .isEqualTo("0305e82c3301019876543210905e90e87bd5ee19f7e15383da");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
