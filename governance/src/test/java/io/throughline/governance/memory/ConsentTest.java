package io.throughline.governance.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Consent")
class ConsentTest {

    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));

    /** {@code reach}: whether the policy lets a stop on the channel end transactional messages. */
    @ParameterizedTest(name = "{0}, {1}, channel {2}, topic {3}, address {4}, reach {5}: {6}")
    @CsvSource({
        "marketing,     opt-in,  -,   -,   -,   no,  NO_CONSENT",
        "marketing,     opt-in,  in,  -,   -,   no,  allowed",
        "marketing,     opt-in,  -,   in,  -,   no,  allowed",
        "marketing,     opt-in,  in,  out, -,   no,  OPTED_OUT",
        "marketing,     opt-in,  out, in,  -,   no,  OPTED_OUT",
        "marketing,     opt-in,  out, -,   -,   no,  OPTED_OUT",
        "marketing,     opt-in,  in,  -,   out, no,  ADDRESS_OPTED_OUT",
        "marketing,     opt-in,  out, -,   out, no,  OPTED_OUT",
        "marketing,     opt-in,  -,   -,   out, no,  NO_CONSENT",
        "marketing,     opt-out, -,   -,   -,   no,  allowed",
        "marketing,     opt-out, out, -,   -,   no,  OPTED_OUT",
        "marketing,     opt-out, -,   out, -,   no,  OPTED_OUT",
        "marketing,     opt-out, -,   -,   out, no,  ADDRESS_OPTED_OUT",
        "service,       opt-in,  -,   -,   -,   no,  allowed",
        "service,       opt-in,  out, -,   -,   no,  OPTED_OUT",
        "service,       opt-in,  -,   out, -,   no,  OPTED_OUT",
        "service,       opt-in,  -,   -,   out, no,  ADDRESS_OPTED_OUT",
        "transactional, opt-in,  -,   -,   -,   no,  allowed",
        "transactional, opt-in,  out, out, out, no,  allowed",
        "transactional, opt-in,  -,   -,   -,   yes, allowed",
        "transactional, opt-in,  out, -,   -,   yes, OPTED_OUT",
        "transactional, opt-in,  -,   out, -,   yes, OPTED_OUT",
        "transactional, opt-in,  -,   -,   out, yes, ADDRESS_OPTED_OUT",
    })
    @DisplayName("decides by category, policy and what was said of channel, topic and address")
    void table(
            String category,
            String rule,
            String channel,
            String topic,
            String address,
            String reach,
            String expected) {
        InMemoryGate gate = known();
        say(gate, ANA, null, null, channel);
        say(gate, ANA, null, "offers", topic);
        say(gate, null, "+15550100", null, address);

        GateAnswer answer =
                gate.reserve(
                        request(Category.of(category), "offers"),
                        policy(ConsentRule.of(rule), reach.equals("yes")),
                        NOW);

        assertThat(told(answer)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} at {1}, then {2} at {3}: {4}")
    @CsvSource({
        "in,  1, out, 2, OPTED_OUT",
        "out, 1, in,  2, allowed",
        "out, 2, in,  1, OPTED_OUT",
        "in,  2, out, 1, allowed",
        "in,  1, out, 1, OPTED_OUT",
        "out, 1, in,  1, OPTED_OUT",
    })
    @DisplayName("is what was said last, whenever it arrives; opting out wins a tie")
    void lastWordHolds(String first, int at, String second, int then, String expected) {
        InMemoryGate gate = known();
        say(gate, ANA, null, null, first, at);
        say(gate, ANA, null, null, second, then);

        assertThat(
                        told(
                                gate.reserve(
                                        request(Category.MARKETING, null),
                                        policy(ConsentRule.OPT_IN, false),
                                        NOW)))
                .isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"gate first", "ledger first"})
    @DisplayName("written before hydration is joined with what the ledger knows")
    void joinsHydration(String order) {
        InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));
        ConsentWrite stop =
                new ConsentWrite(ANA, null, Channel.SMS, null, ConsentState.OPTED_OUT, at(2));
        ConsentWrite older =
                new ConsentWrite(ANA, null, Channel.SMS, null, ConsentState.OPTED_IN, at(1));
        CustomerHistory ledger =
                new CustomerHistory.Permissions(ANA, List.of(older), List.of(), null, List.of());
        if (order.equals("gate first")) {
            gate.consent(stop, NOW);
            gate.hydrate(ledger);
        } else {
            gate.hydrate(ledger);
            gate.consent(stop, NOW);
        }
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));

        assertThat(
                        told(
                                gate.peek(
                                        request(Category.MARKETING, null),
                                        policy(ConsentRule.OPT_IN, false),
                                        NOW)))
                .isEqualTo("OPTED_OUT");
    }

    @Test
    @DisplayName("of an address alone is hydrated for that address alone")
    void addressAlone() {
        InMemoryGate gate = known();
        gate.hydrate(
                new CustomerHistory.Permissions(
                        ANA,
                        List.of(
                                new ConsentWrite(
                                        null,
                                        "+15550199",
                                        Channel.SMS,
                                        null,
                                        ConsentState.OPTED_OUT,
                                        at(1))),
                        List.of(),
                        null,
                        List.of()));

        assertThat(gate.addressOptedOut(Channel.SMS, "+15550199")).isTrue();
        assertThat(
                        told(
                                gate.peek(
                                        request(Category.SERVICE, null),
                                        policy(ConsentRule.OPT_IN, false),
                                        NOW)))
                .isEqualTo("allowed");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"nothing", "permissions", "contacts", "consent"})
    @DisplayName("without both ledgers there is no answer but unknown")
    void unknown(String heard) {
        InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));
        switch (heard) {
            case "permissions" ->
                    gate.hydrate(
                            new CustomerHistory.Permissions(
                                    ANA, List.of(), List.of(), null, List.of()));
            case "contacts" -> gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));
            case "consent" -> say(gate, ANA, null, null, "in");
            default -> {}
        }

        assertThat(
                        told(
                                gate.reserve(
                                        request(Category.TRANSACTIONAL, null),
                                        policy(ConsentRule.OPT_IN, false),
                                        NOW)))
                .isEqualTo("UNKNOWN_CUSTOMER");
    }

    private static String told(GateAnswer answer) {
        return switch (answer) {
            case GateAnswer.Allowed allowed -> "allowed";
            case GateAnswer.Denied denied -> denied.reason().name();
        };
    }

    private static InMemoryGate known() {
        InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));
        gate.hydrate(new CustomerHistory.Permissions(ANA, List.of(), List.of(), null, List.of()));
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));
        return gate;
    }

    private static void say(
            InMemoryGate gate,
            @Nullable CustomerId customer,
            @Nullable String address,
            @Nullable String topic,
            String word) {
        say(gate, customer, address, topic, word, 0);
    }

    private static void say(
            InMemoryGate gate,
            @Nullable CustomerId customer,
            @Nullable String address,
            @Nullable String topic,
            String word,
            int at) {
        if (!word.equals("-")) {
            gate.consent(
                    new ConsentWrite(
                            customer,
                            address,
                            Channel.SMS,
                            topic,
                            word.equals("in") ? ConsentState.OPTED_IN : ConsentState.OPTED_OUT,
                            at(at)),
                    NOW);
        }
    }

    private static Instant at(int second) {
        return NOW.minusSeconds(60 - second);
    }

    private static GateRequest request(Category category, @Nullable String topic) {
        return new GateRequest(
                ANA,
                new MessageId(new UUID(2, 2)),
                Channel.SMS,
                category,
                topic,
                "cart",
                "+15550100");
    }

    private static ContactPolicy policy(ConsentRule rule, boolean reach) {
        return new ContactPolicy(
                1,
                List.of(),
                null,
                null,
                "UTC",
                Map.of(Channel.SMS, rule),
                reach ? Set.of(Channel.SMS) : Set.of(),
                List.of());
    }
}
