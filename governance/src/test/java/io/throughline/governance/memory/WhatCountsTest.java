package io.throughline.governance.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of {@code docs/contact-policy.md}, row by row; the window is a day. */
@DisplayName("What counts")
class WhatCountsTest {

    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final Duration WINDOW = Duration.ofDays(1);
    private static final Instant START = Instant.parse("2026-11-02T12:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(0, 1));
    private static final ContactPolicy POLICY =
            new ContactPolicy(
                    1,
                    List.of(new Cap(Scope.GLOBAL, null, 9, WINDOW)),
                    null,
                    null,
                    "UTC",
                    Map.of(),
                    Set.of(),
                    List.of());

    private final InMemoryGate gate = new InMemoryGate(LEASE);
    private Instant now = START;

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "asked about                             | peek                            | 0",
                "reserved                                | reserve                         | 1",
                "reserved twice, as by a retry           | reserve reserve                 | 1",
                "local failure, refusal, cancelled step  | reserve refund                  | 0",
                "returned twice                          | reserve refund refund           | 0",
                "returned, and tried again               | reserve refund reserve          | 1",
                "accepted, or unknown                    | reserve settle                  | 1",
                "settled twice                           | reserve settle settle           | 1",
                "returned after it was settled           | reserve settle refund           | 1",
                "settled after it was returned: overrun  | reserve refund settle           | 1",
                "did not arrive                          | reserve settle take             | 0",
                "did not arrive, told twice              | reserve settle take take        | 0",
                "did not arrive, told before it settled  | reserve take settle             | 0",
                "did not arrive, and is under way again  | reserve settle reserve take     | 1",
                "did not arrive, and is sent again       | reserve settle take reserve     | 1",
                "arrived after all: overrun              | reserve settle take put         | 1",
                "arrived after all, told twice           | reserve settle take put put     | 1",
                "arrived, and was never taken back       | reserve settle put              | 1",
                "a millisecond before the window ends    | reserve settle almost           | 1",
                "when the window ends                    | reserve settle almost instant   | 0",
            })
    void row(String what, String steps, int counted) {
        gate.hydrate(
                new CustomerHistory.Permissions(
                        ANA,
                        List.of(
                                new ConsentWrite(
                                        ANA, null, Channel.SMS, null, ConsentState.OPTED_IN, now)),
                        List.of(),
                        null,
                        List.of()));
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));
        for (String step : steps.split(" ")) {
            take(step);
        }
        GateAnswer answer = gate.peek(request(2), POLICY, now);
        assertThat(answer.verdicts().getLast())
                .as(what)
                .extracting(Verdict::rule, Verdict::count)
                .containsExactly("cap:global:P1D", counted);
        assertThat(gate.peek(request(1).again(), POLICY, now).counted())
                .as("%s, asked whether it counts", what)
                .isEqualTo(counted == 1);
        assertThat(gate.peek(request(1), POLICY, now).counted())
                .as("%s, not asked whether it counts", what)
                .isFalse();
    }

    private void take(String step) {
        ContactRef contact = new ContactRef(ANA, request(1).message());
        switch (step) {
            case "peek" -> allowed(gate.peek(request(1), POLICY, now));
            case "reserve" -> allowed(gate.reserve(request(1), POLICY, now));
            case "settle" -> assertThat(gate.settle(contact)).isNotNull();
            case "refund" -> gate.refund(contact);
            case "take" -> gate.takeBack(contact);
            case "put" -> gate.putBack(contact);
            case "almost" -> now = START.plus(WINDOW).minusMillis(1);
            case "instant" -> now = now.plusMillis(1);
            default -> throw new IllegalArgumentException(step);
        }
    }

    private static void allowed(GateAnswer answer) {
        assertThat(answer).isInstanceOf(GateAnswer.Allowed.class);
    }

    private static GateRequest request(long message) {
        return new GateRequest(
                ANA,
                new MessageId(new UUID(0, message)),
                Channel.SMS,
                Category.MARKETING,
                null,
                null,
                "+15550100");
    }
}
