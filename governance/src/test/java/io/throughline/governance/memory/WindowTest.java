package io.throughline.governance.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateAnswer.Allowed;
import io.throughline.governance.GateAnswer.Denied;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Contacts, windows and silences")
class WindowTest {

    private static final Instant T0 = Instant.parse("2026-06-01T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));
    private static final ContactPolicy ONE_AN_HOUR = policy(null, cap(Scope.GLOBAL, null, 1));

    private final InMemoryGate gate = new InMemoryGate(Duration.ofSeconds(1));

    @BeforeEach
    void hydrate() {
        gate.hydrate(new CustomerHistory.Permissions(ANA, List.of(), List.of(), null, List.of()));
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of()));
    }

    @Test
    @DisplayName("a contact at s counts for every now in [s, s + window)")
    void windowIsExact() {
        assertThat(reserve(1, ONE_AN_HOUR, T0)).isInstanceOf(Allowed.class);

        Denied denied = denied(reserve(2, ONE_AN_HOUR, T0.plus(HOUR).minusMillis(1)));
        assertThat(denied.reason()).isEqualTo(SuppressionReason.GLOBAL_CAP);
        assertThat(denied.retryAt()).isEqualTo(T0.plus(HOUR));
        assertThat(denied.verdicts())
                .last()
                .isEqualTo(new Verdict("cap:global:PT1H", false, 1, 1, HOUR, T0.plus(HOUR)));

        assertThat(reserve(3, ONE_AN_HOUR, T0.plus(HOUR))).isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("a full window opens when enough of its oldest contacts have left it")
    void opensWhenTheOldestLeave() {
        ContactPolicy two = policy(null, cap(Scope.GLOBAL, null, 2));
        reserve(1, two, T0);
        reserve(2, two, T0.plusSeconds(60));
        hydrate(contact(3, T0.plusSeconds(120)));

        assertThat(denied(peek(4, two, T0.plusSeconds(180))).retryAt())
                .isEqualTo(T0.plusSeconds(60).plus(HOUR));
    }

    @Test
    @DisplayName("a cap of none never opens")
    void capOfNone() {
        Denied denied = denied(peek(1, policy(null, cap(Scope.CHANNEL, Channel.SMS, 0)), T0));
        assertThat(denied.reason()).isEqualTo(SuppressionReason.CHANNEL_CAP);
        assertThat(denied.retryAt()).isNull();
    }

    @Test
    @DisplayName("caps are looked at from the narrowest: gap, journey, channel, global")
    void order() {
        ContactPolicy policy =
                policy(
                        Duration.ofMinutes(1),
                        cap(Scope.GLOBAL, null, 9),
                        cap(Scope.CHANNEL, null, 9),
                        cap(Scope.JOURNEY, null, 9));
        assertThat(peek(1, policy, T0).verdicts())
                .extracting(Verdict::rule)
                .containsExactly(
                        "known-customer",
                        "consent",
                        "address",
                        "silence",
                        "minimum-gap",
                        "cap:journey:PT1H",
                        "cap:channel:sms:PT1H",
                        "cap:global:PT1H");
    }

    @Test
    @DisplayName("a channel's cap without a name is one for each channel by itself")
    void eachChannel() {
        ContactPolicy policy = policy(null, cap(Scope.CHANNEL, null, 1));
        reserve(1, policy, T0);
        assertThat(denied(peek(2, policy, T0)).reason()).isEqualTo(SuppressionReason.CHANNEL_CAP);
        assertThat(gate.peek(request(2, Channel.EMAIL, Category.SERVICE, "cart"), policy, T0))
                .isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("a journey's cap counts that journey only, and holds only within a journey")
    void journey() {
        ContactPolicy policy = policy(null, cap(Scope.JOURNEY, null, 1));
        reserve(1, policy, T0);
        assertThat(denied(peek(2, policy, T0)).reason()).isEqualTo(SuppressionReason.JOURNEY_CAP);
        assertThat(gate.peek(request(2, Channel.SMS, Category.SERVICE, "welcome"), policy, T0))
                .isInstanceOf(Allowed.class);
        assertThat(gate.peek(request(2, Channel.SMS, Category.SERVICE, null), policy, T0))
                .isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("the gap runs from the last contact")
    void gap() {
        ContactPolicy policy = policy(Duration.ofMinutes(10));
        hydrate(contact(1, T0), contact(2, T0.plusSeconds(60)));
        Denied denied = denied(peek(3, policy, T0.plusSeconds(120)));
        assertThat(denied.reason()).isEqualTo(SuppressionReason.MINIMUM_GAP);
        assertThat(denied.retryAt()).isEqualTo(T0.plusSeconds(660));
        assertThat(peek(3, policy, T0.plusSeconds(660))).isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("transactional messages pass silence, gap and caps, and are counted")
    void transactional() {
        reserve(1, ONE_AN_HOUR, T0);
        gate.silence(new SilenceWrite(ANA, null, T0.plus(HOUR)), T0);
        GateRequest receipt = request(2, Channel.SMS, Category.TRANSACTIONAL, "cart");
        assertThat(gate.reserve(receipt, ONE_AN_HOUR, T0.plusSeconds(1)))
                .isInstanceOf(Allowed.class);
        assertThat(denied(peek(3, ONE_AN_HOUR, T0.plus(HOUR))).retryAt())
                .isEqualTo(T0.plusSeconds(1).plus(HOUR));
    }

    @Test
    @DisplayName("reserving again counts once, and the hand-over counts from then")
    void reserveAgain() {
        reserve(1, ONE_AN_HOUR, T0);
        assertThat(reserve(1, ONE_AN_HOUR, T0.plusSeconds(600)))
                .isInstanceOfSatisfying(
                        Allowed.class,
                        allowed -> {
                            assertThat(allowed.leaseUntil()).isEqualTo(T0.plusSeconds(601));
                            assertThat(allowed.verdicts())
                                    .last()
                                    .extracting(Verdict::count)
                                    .isEqualTo(0);
                        });
        assertThat(denied(peek(2, ONE_AN_HOUR, T0.plusSeconds(600))).retryAt())
                .isEqualTo(T0.plusSeconds(600).plus(HOUR));
    }

    @Test
    @DisplayName("reserving again is refused when in the meantime the window was filled by others")
    void reserveAgainInAFullWindow() {
        reserve(1, ONE_AN_HOUR, T0);
        reserve(2, ONE_AN_HOUR, T0.plus(HOUR));
        assertThat(denied(reserve(1, ONE_AN_HOUR, T0.plus(HOUR).plusSeconds(1))).reason())
                .isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName("reserving again is refused after an opt-out")
    void reserveAgainAfterOptOut() {
        reserve(1, ONE_AN_HOUR, T0);
        gate.consent(optOut(T0.plusMillis(1)), T0.plusMillis(1));
        assertThat(denied(reserve(1, ONE_AN_HOUR, T0.plusMillis(2))).reason())
                .isEqualTo(SuppressionReason.OPTED_OUT);
    }

    @Test
    @DisplayName("a refunded message does not count, a settled one cannot be refunded")
    void refund() {
        reserve(1, ONE_AN_HOUR, T0);
        assertThat(gate.refund(ref(1))).isTrue();
        assertThat(gate.refund(ref(1))).isFalse();
        assertThat(reserve(2, ONE_AN_HOUR, T0)).isInstanceOf(Allowed.class);
        assertThat(gate.settle(ref(2))).isEqualTo(Settlement.SETTLED);
        assertThat(gate.settle(ref(2))).isEqualTo(Settlement.SETTLED);
        assertThat(gate.refund(ref(2))).isFalse();
        assertThat(peek(3, ONE_AN_HOUR, T0)).isInstanceOf(Denied.class);
    }

    @Test
    @DisplayName(
            "what is reserved again after its refund is later than it, also at the same instant")
    void reserveAfterRefund() {
        reserve(1, ONE_AN_HOUR, T0);
        gate.refund(ref(1));
        assertThat(reserve(1, ONE_AN_HOUR, T0)).isInstanceOf(Allowed.class);
        assertThat(denied(peek(2, ONE_AN_HOUR, T0)).retryAt())
                .isEqualTo(T0.plusMillis(1).plus(HOUR));
    }

    @Test
    @DisplayName("settling what was refunded is an overrun and counts again")
    void overrun() {
        reserve(1, ONE_AN_HOUR, T0);
        gate.refund(ref(1));
        assertThat(gate.settle(ref(1))).isEqualTo(Settlement.OVERRUN);
        assertThat(peek(2, ONE_AN_HOUR, T0)).isInstanceOf(Denied.class);
        assertThat(gate.settle(ref(9))).isEqualTo(Settlement.NOTHING);
    }

    @Test
    @DisplayName("what a ledger told of as under way counts, once settled, from no later than that")
    void settledAfterHydration() {
        ContactRef told = ref(1);
        Instant atTheLatest = T0.plusSeconds(30);
        gate.hydrate(
                new CustomerHistory.Contacts(
                        told.customer(),
                        List.of(
                                new CustomerHistory.Contact(
                                        told.message(),
                                        Channel.SMS,
                                        Category.SERVICE,
                                        null,
                                        "cart",
                                        atTheLatest,
                                        false))));
        assertThat(denied(peek(2, ONE_AN_HOUR, T0)).retryAt()).isEqualTo(atTheLatest.plus(HOUR));
        assertThat(denied(peek(2, ONE_AN_HOUR, T0)).awaited()).isTrue();
        gate.settle(told, T0.plusSeconds(2));
        assertThat(denied(peek(2, ONE_AN_HOUR, T0.plusSeconds(2))).awaited()).isFalse();
        assertThat(denied(peek(2, ONE_AN_HOUR, T0.plusSeconds(2))).retryAt())
                .isEqualTo(T0.plusSeconds(2).plus(HOUR));
    }

    @Test
    @DisplayName("a message that falls back to another channel settles there and not on the first")
    void fallback() {
        ContactPolicy policy = policy(null, cap(Scope.CHANNEL, null, 1));
        reserve(1, policy, T0);
        gate.refund(ref(1));
        gate.reserve(request(1, Channel.EMAIL, Category.SERVICE, "cart"), policy, T0);
        assertThat(gate.settle(ref(1))).isEqualTo(Settlement.SETTLED);
        assertThat(peek(2, policy, T0)).isInstanceOf(Allowed.class);
        assertThat(gate.peek(request(2, Channel.EMAIL, Category.SERVICE, "cart"), policy, T0))
                .isInstanceOf(Denied.class);
    }

    @Test
    @DisplayName("a reservation that was never settled counts until it leaves its windows")
    void neverSettled() {
        reserve(1, ONE_AN_HOUR, T0);
        assertThat(peek(2, ONE_AN_HOUR, T0.plus(HOUR).minusMillis(1))).isInstanceOf(Denied.class);
        assertThat(peek(2, ONE_AN_HOUR, T0.plus(HOUR))).isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("a window longer than contacts were kept for makes the customer unknown")
    void widenedWindow() {
        reserve(1, ONE_AN_HOUR, T0);
        Instant later = T0.plus(Duration.ofHours(5));
        reserve(2, ONE_AN_HOUR, later);
        ContactPolicy aDay = policy(null, new Cap(Scope.GLOBAL, null, 1, Duration.ofDays(1)));

        assertThat(denied(peek(3, aDay, later)).reason())
                .isEqualTo(SuppressionReason.UNKNOWN_CUSTOMER);
        hydrate(contact(1, T0), contact(2, later));
        assertThat(denied(peek(3, aDay, later)).reason()).isEqualTo(SuppressionReason.GLOBAL_CAP);
    }

    @Test
    @DisplayName("a silence covers journey messages until its end and never gets shorter")
    void silence() {
        ContactPolicy policy = policy(null);
        gate.silence(new SilenceWrite(ANA, null, T0.plusSeconds(60)), T0);
        gate.silence(new SilenceWrite(ANA, null, T0.plusSeconds(30)), T0);
        Denied denied = denied(peek(1, policy, T0.plusMillis(59_999)));
        assertThat(denied.reason()).isEqualTo(SuppressionReason.SILENCED);
        assertThat(denied.retryAt()).isEqualTo(T0.plusSeconds(60));
        assertThat(peek(1, policy, T0.plusSeconds(60))).isInstanceOf(Allowed.class);
        assertThat(gate.peek(request(1, Channel.SMS, Category.SERVICE, null), policy, T0))
                .isInstanceOf(Allowed.class);
    }

    @Test
    @DisplayName("a silence of one journey leaves the others alone")
    void silenceOfOneJourney() {
        gate.silence(new SilenceWrite(ANA, "welcome", T0.plusSeconds(60)), T0);
        assertThat(peek(1, policy(null), T0)).isInstanceOf(Allowed.class);
        assertThat(
                        denied(
                                        gate.peek(
                                                request(
                                                        1,
                                                        Channel.SMS,
                                                        Category.MARKETING,
                                                        "welcome"),
                                                optOutSuffices(),
                                                T0))
                                .reason())
                .isEqualTo(SuppressionReason.SILENCED);
    }

    @Test
    @DisplayName("an opt-out says how long an allowed hand-over may still be under way")
    void leases() {
        assertThat(gate.consent(optOut(T0), T0)).isEqualTo(Duration.ZERO);
        gate.consent(
                new ConsentWrite(
                        ANA, null, Channel.SMS, null, ConsentState.OPTED_IN, T0.plusMillis(1)),
                T0);
        reserve(1, ONE_AN_HOUR, T0.plusMillis(100));
        assertThat(gate.consent(optOut(T0.plusMillis(300)), T0.plusMillis(300)))
                .isEqualTo(Duration.ofMillis(800));
        gate.settle(ref(1));
        assertThat(gate.consent(optOut(T0.plusMillis(300)), T0.plusMillis(300)))
                .isEqualTo(Duration.ZERO);
    }

    private GateAnswer reserve(int message, ContactPolicy policy, Instant now) {
        return gate.reserve(request(message, Channel.SMS, Category.SERVICE, "cart"), policy, now);
    }

    private GateAnswer peek(int message, ContactPolicy policy, Instant now) {
        return gate.peek(request(message, Channel.SMS, Category.SERVICE, "cart"), policy, now);
    }

    private static Denied denied(GateAnswer answer) {
        assertThat(answer).isInstanceOf(Denied.class);
        return (Denied) answer;
    }

    private void hydrate(CustomerHistory.Contact... contacts) {
        gate.hydrate(new CustomerHistory.Contacts(ANA, List.of(contacts)));
    }

    private static CustomerHistory.Contact contact(int message, Instant at) {
        return new CustomerHistory.Contact(
                message(message), Channel.SMS, Category.MARKETING, null, "cart", at, true);
    }

    private static GateRequest request(
            int message, Channel channel, Category category, @Nullable String journey) {
        return new GateRequest(
                ANA, message(message), channel, category, null, journey, "+15550100");
    }

    private static ContactRef ref(int message) {
        return new ContactRef(ANA, message(message));
    }

    private static MessageId message(int number) {
        return new MessageId(new UUID(7, number));
    }

    private static ConsentWrite optOut(Instant at) {
        return new ConsentWrite(ANA, null, Channel.SMS, null, ConsentState.OPTED_OUT, at);
    }

    private static Cap cap(Scope scope, @Nullable Channel channel, int max) {
        return new Cap(scope, channel, max, HOUR);
    }

    private static ContactPolicy optOutSuffices() {
        return new ContactPolicy(
                1,
                List.of(),
                null,
                null,
                "UTC",
                Map.of(Channel.SMS, ConsentRule.OPT_OUT),
                Set.of(),
                List.of());
    }

    private static ContactPolicy policy(@Nullable Duration gap, Cap... caps) {
        return new ContactPolicy(1, List.of(caps), gap, null, "UTC", Map.of(), Set.of(), List.of());
    }
}
