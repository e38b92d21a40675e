package io.throughline.governance.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.message.Verdict.Tightened;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.NearlyLeft;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.contracts.policy.ContactPolicy.Step;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateAnswer.Allowed;
import io.throughline.governance.GateAnswer.Denied;
import io.throughline.governance.GateRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The example of {@code docs/fatigue.md}, and what it leaves out. */
@DisplayName("Caps of somebody who has had enough")
class FatigueTest {

    private static final Instant T0 = Instant.parse("2026-11-02T09:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));
    private static final BigDecimal HALF = new BigDecimal("0.5");
    private static final BigDecimal QUARTER = new BigDecimal("0.25");
    private static final Fatigue FATIGUE =
            new Fatigue(
                    Duration.ofDays(30),
                    List.of(new Step(5, HALF), new Step(10, QUARTER)),
                    new NearlyLeft(Duration.ofDays(14), HALF),
                    null);
    private static final ContactPolicy FOUR_A_DAY =
            new ContactPolicy(
                            3,
                            List.of(new Cap(Scope.GLOBAL, null, 4, DAY)),
                            null,
                            null,
                            "UTC",
                            Map.of(),
                            Set.of(),
                            List.of())
                    .withFatigue(FATIGUE);

    private final InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));
    private int messages;

    @BeforeEach
    void hydrate() {
        gate.hydrate(
                new CustomerHistory.Permissions(
                        ANA,
                        List.of(said(Channel.EMAIL, ConsentState.OPTED_IN, T0)),
                        List.of(),
                        null,
                        List.of(),
                        T0));
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));
    }

    @Test
    @DisplayName("tighten step by step with what she ignores, and say so")
    void tightens() {
        assertThat(sendEach(HOUR, T0.plus(HOUR), 5)).isEqualTo(4);
        Instant nextDay = T0.plus(DAY).plus(HOUR.multipliedBy(6));

        assertThat(send(nextDay)).isInstanceOf(Allowed.class);
        Verdict sixth = cap(peek(nextDay.plus(HOUR)));
        assertThat(sixth.passed()).isTrue();
        assertThat(sixth.limit()).isEqualTo(2);
        assertThat(sixth.tightened()).isEqualTo(new Tightened(4, HALF, 5, T0, null));

        assertThat(sendEach(DAY, nextDay.plus(DAY), 5)).isEqualTo(5);
        assertThat(cap(peek(nextDay.plus(DAY.multipliedBy(6)))).tightened())
                .isEqualTo(new Tightened(4, QUARTER, 10, T0, null));
    }

    @Test
    @DisplayName(
            "loosen back as soon as she engages, whenever that was, and whenever it is heard of")
    void loosens() {
        sendEach(DAY, T0.plus(DAY), 6);
        Instant now = T0.plus(DAY.multipliedBy(7));
        assertThat(cap(peek(now)).limit()).isEqualTo(2);

        gate.engaged(new Engagement(ANA, T0.plus(DAY.multipliedBy(3))));
        gate.engaged(new Engagement(ANA, T0.plus(DAY)));
        assertThat(cap(peek(now))).isEqualTo(new Verdict("cap:global:P1D", true, 0, 4, DAY, null));
    }

    @Test
    @DisplayName("loosen back as what she ignored is forgotten")
    void forgets() {
        sendEach(DAY, T0.plus(DAY), 5);
        Instant forgotten = T0.plus(DAY).plus(Duration.ofDays(30));
        assertThat(cap(peek(forgotten.minusMillis(1))).limit()).isEqualTo(2);
        assertThat(cap(peek(forgotten)).limit()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "are tight after an opt-out of something else, for a while, unless she takes it back")
    void nearlyLeft() {
        Instant out = T0.plus(HOUR);
        gate.consent(said(Channel.SMS, ConsentState.OPTED_OUT, out), out);
        assertThat(cap(peek(out)).tightened()).isEqualTo(new Tightened(4, HALF, null, null, out));
        assertThat(cap(peek(out.plus(Duration.ofDays(14)).minusMillis(1))).limit()).isEqualTo(2);
        assertThat(cap(peek(out.plus(Duration.ofDays(14)))).limit()).isEqualTo(4);

        gate.engaged(new Engagement(ANA, out.plusSeconds(1)));
        assertThat(cap(peek(out.plus(HOUR))).limit()).isEqualTo(2);
        gate.consent(said(Channel.SMS, ConsentState.OPTED_IN, out.plus(HOUR)), out.plus(HOUR));
        assertThat(cap(peek(out.plus(HOUR))).limit()).isEqualTo(4);
    }

    @Test
    @DisplayName("say when they let one pass, which may be when they loosen")
    void saysWhen() {
        Instant out = T0.plus(HOUR);
        gate.consent(said(Channel.SMS, ConsentState.OPTED_OUT, out), out);
        Instant late = out.plus(Duration.ofDays(14)).minus(HOUR);
        assertThat(send(late.minusSeconds(2))).isInstanceOf(Allowed.class);
        assertThat(send(late.minusSeconds(1))).isInstanceOf(Allowed.class);

        Denied denied = (Denied) send(late);
        assertThat(denied.retryAt()).isEqualTo(out.plus(Duration.ofDays(14)));
        assertThat(send(out.plus(Duration.ofDays(14)))).isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("never heed what was transactional, refunded, or did not arrive")
    void whatIsIgnored() {
        for (int day = 1; day <= 8; day++) {
            Instant at = T0.plus(DAY.multipliedBy(day));
            reserve(at, Category.TRANSACTIONAL);
            MessageId message = reserve(at.plus(HOUR), Category.MARKETING);
            if (day % 2 == 0) {
                gate.refund(new ContactRef(ANA, message));
            } else if (day > 2) {
                gate.settle(new ContactRef(ANA, message));
                gate.takeBack(new ContactRef(ANA, message));
            }
        }
        assertThat(cap(peek(T0.plus(DAY.multipliedBy(10)))).limit()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "hold for two customers who turn out to be one as from the later of their signs of life")
    void merged() {
        CustomerId bea = new CustomerId(new UUID(2, 2));
        sendEach(DAY, T0.plus(DAY), 6);
        gate.engaged(new Engagement(bea, T0.plus(DAY.multipliedBy(5))));
        gate.hydrate(new CustomerHistory.Permissions(bea, List.of(), List.of(), null, List.of()));
        gate.hydrate(new CustomerHistory.Contacts(bea, List.of()));
        gate.merge(bea, ANA);
        gate.consent(
                new ConsentWrite(bea, null, Channel.EMAIL, null, ConsentState.OPTED_IN, T0), T0);
        assertThat(cap(peek(T0.plus(DAY.multipliedBy(7)))).limit()).isEqualTo(4);
    }

    @Test
    @DisplayName("leave one where a share of little is less, unless the policy says none")
    void least() {
        assertThat(FATIGUE.tightened(3, HALF)).isEqualTo(1);
        assertThat(FATIGUE.tightened(2, QUARTER)).isEqualTo(1);
        assertThat(FATIGUE.tightened(0, QUARTER)).isZero();
        assertThat(new Fatigue(null, List.of(), null, 0).tightened(2, QUARTER)).isZero();
        assertThat(new Fatigue(null, List.of(), null, 3).tightened(2, QUARTER)).isEqualTo(2);
    }

    /** How many of so many, one every so often, were let through. */
    private int sendEach(Duration every, Instant from, int times) {
        int sent = 0;
        for (int i = 0; i < times; i++) {
            sent += send(from.plus(every.multipliedBy(i))) instanceof Allowed ? 1 : 0;
        }
        return sent;
    }

    private GateAnswer send(Instant at) {
        return gate.reserve(request(message(), Category.MARKETING), FOUR_A_DAY, at);
    }

    private MessageId reserve(Instant at, Category category) {
        MessageId message = message();
        assertThat(gate.reserve(request(message, category), FOUR_A_DAY, at))
                .isInstanceOf(Allowed.class);
        return message;
    }

    private GateAnswer peek(Instant at) {
        return gate.peek(request(message(), Category.MARKETING), FOUR_A_DAY, at);
    }

    private static Verdict cap(GateAnswer answer) {
        assertThat(answer.verdicts()).last().extracting(Verdict::rule).isEqualTo("cap:global:P1D");
        return answer.verdicts().getLast();
    }

    private MessageId message() {
        return new MessageId(new UUID(7, messages++));
    }

    private static GateRequest request(MessageId message, Category category) {
        return new GateRequest(
                ANA, message, Channel.EMAIL, category, null, "cart", "ana@example.com");
    }

    private static ConsentWrite said(Channel channel, ConsentState state, Instant at) {
        return new ConsentWrite(ANA, null, channel, null, state, at);
    }
}
