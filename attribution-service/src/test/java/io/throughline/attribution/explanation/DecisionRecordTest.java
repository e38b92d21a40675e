package io.throughline.attribution.explanation;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DecisionRecordTest {

    private static final UUID ID = new UUID(6, 6);
    private static final CustomerId ANA = new CustomerId(new UUID(1, 1));
    private static final MessageId MESSAGE = new MessageId(new UUID(5, 5));
    private static final Instant TEN = Instant.parse("2026-11-23T10:00:00Z");
    private static final JourneyRef CART =
            new JourneyRef("cart-abandonment", 3, new UUID(3, 3), "steps[1].send");
    private static final Verdict CONSENT = new Verdict("consent", true, null, null, null, null);
    private static final Verdict CAP =
            new Verdict("cap:global:P1D", false, 3, 3, Duration.ofDays(1), TEN.plusSeconds(3_600));

    private static final JourneyRef WIN_BACK =
            new JourneyRef("win-back", 2, new UUID(4, 4), "steps[0].send");

    private static DecisionEvent.Displaced displaced(
            DecisionEvent.Fate fate, @Nullable Instant until) {
        return displaced(fate, "cap:global:P1D", until);
    }

    private static DecisionEvent.Displaced displaced(
            DecisionEvent.Fate fate, String rule, @Nullable Instant until) {
        return new DecisionEvent.Displaced(
                ANA, CART, MESSAGE, Channel.SMS, fate, WIN_BACK, rule, 2, 3, 1, until, 7, TEN);
    }

    static Stream<Arguments> sentences() {
        return Stream.of(
                said(
                        "entered",
                        "The customer entered journey cart-abandonment (version 3).",
                        new DecisionEvent.Entered(ANA, CART, "m-1", 0.1, TEN)),
                said(
                        "held-out",
                        "The customer qualified for journey cart-abandonment (version 3) and was held out, so that its effect can be measured: it sends nothing.",
                        new DecisionEvent.HeldOut(ANA, CART, "m-1", TEN)),
                said(
                        "ghost-send",
                        "The customer is held out of journey cart-abandonment (version 3); otherwise template cart-first would have been asked for on email.",
                        new DecisionEvent.GhostSend(ANA, CART, Channel.EMAIL, "cart-first", TEN)),
                said(
                        "channel-chosen",
                        "SMS was chosen (score 0.310, probability 0.90); email was possible (score 0.120, probability 0.10); push was not, because no route is configured for the channel.",
                        new DecisionEvent.ChannelChosen(
                                ANA,
                                CART,
                                MESSAGE,
                                Channel.SMS,
                                List.of(
                                        new DecisionEvent.Option(Channel.SMS, 0.31, 0.9, null),
                                        new DecisionEvent.Option(Channel.EMAIL, 0.12, 0.1, null),
                                        new DecisionEvent.Option(
                                                Channel.PUSH, 0, 0, SuppressionReason.NO_ROUTE)),
                                7,
                                TEN)),
                said(
                        "deferred",
                        "The message was put off until 2026-11-23T11:00:00Z because it is within quiet hours where the customer is.",
                        new DecisionEvent.Deferred(
                                ANA,
                                CART,
                                MESSAGE,
                                SuppressionReason.QUIET_HOURS,
                                TEN.plusSeconds(3_600),
                                TEN)),
                said(
                        "displaced",
                        "The SMS gave way to journey win-back (version 2), which comes first: 2 of 3 were used under cap:global:P1D, and 1 more important contact was still to come. It is tried again at 2026-11-23T11:00:00Z.",
                        displaced(DecisionEvent.Fate.DEFERRED, TEN.plusSeconds(3_600))),
                said(
                        "displaced",
                        "The SMS gave way to journey win-back (version 2), which comes first: 2 of 3 were used under cap:global:P1D, and 1 more important contact was still to come. The journey went on without it.",
                        displaced(DecisionEvent.Fate.DROPPED, null)),
                said(
                        "excluded",
                        "The customer qualified for journey cart-abandonment (version 3) and was not let in, being in journey win-back (version 2): of exclusion group one-offer a customer is in one journey at a time.",
                        new DecisionEvent.Excluded(
                                ANA, CART, "m-1", "one-offer", WIN_BACK, 7, TEN)),
                said(
                        "left",
                        "The customer left journey cart-abandonment (version 3) for a more important journey of its exclusion group (win-back).",
                        new DecisionEvent.Left(ANA, CART, "displaced", "win-back", TEN)),
                said(
                        "moved",
                        "The message moved from SMS to email because the customer has opted out.",
                        new DecisionEvent.Moved(
                                ANA,
                                CART,
                                MESSAGE,
                                Channel.SMS,
                                Channel.EMAIL,
                                SuppressionReason.OPTED_OUT,
                                TEN)),
                said(
                        "moved",
                        "The message moved from SMS to email because the channel's cap is reached (3 of 3 in all in 1 day).",
                        new DecisionEvent.Moved(
                                ANA,
                                CART,
                                MESSAGE,
                                Channel.SMS,
                                Channel.EMAIL,
                                SuppressionReason.CHANNEL_CAP,
                                List.of(CONSENT, CAP),
                                7,
                                TEN)),
                said(
                        "unknown",
                        "It is not known whether the SMS was handed over (no answer), so it is not sent again: every rule of the contact policy allowed it.",
                        new MessageEvent.Unknown(
                                MESSAGE,
                                ANA,
                                Channel.SMS,
                                CART,
                                "no answer",
                                List.of(CONSENT),
                                7,
                                TEN)),
                said(
                        "unknown",
                        "It is not known whether the SMS was handed over (an attempt was not answered), so it is not sent again: the contact policy's rule consent was in its way by then.",
                        new MessageEvent.Unknown(
                                MESSAGE,
                                ANA,
                                Channel.SMS,
                                CART,
                                "an attempt was not answered",
                                List.of(new Verdict("consent", false, null, null, null, null)),
                                7,
                                TEN)),
                said(
                        "unknown",
                        "It is not known whether the SMS was handed over (its process ended), so it is not sent again: no rule of the contact policy was recorded.",
                        new MessageEvent.Unknown(
                                MESSAGE, ANA, Channel.SMS, CART, "its process ended", TEN)),
                said(
                        "failed",
                        "The email was refused (550 5.1.1, no such user): every rule of the contact policy allowed it.",
                        new MessageEvent.Failed(
                                MESSAGE,
                                ANA,
                                Channel.EMAIL,
                                CART,
                                "550 5.1.1",
                                "no such user",
                                List.of(CONSENT),
                                7,
                                TEN)),
                said(
                        "moved",
                        "The journey took the step's other branch because there is no address for it on SMS.",
                        new DecisionEvent.Moved(
                                ANA,
                                CART,
                                MESSAGE,
                                Channel.SMS,
                                null,
                                SuppressionReason.NO_ADDRESS,
                                TEN)),
                said(
                        "withheld",
                        "Journey cart-abandonment (version 3) asked for no message on email because the cap over all channels is reached (3 of 3 in all in 1 day).",
                        new DecisionEvent.Withheld(
                                ANA,
                                CART,
                                Channel.EMAIL,
                                SuppressionReason.GLOBAL_CAP,
                                List.of(CONSENT, CAP),
                                7,
                                TEN)),
                said(
                        "left",
                        "The customer reached the goal of journey cart-abandonment (version 3) (Order Completed) and left it.",
                        new DecisionEvent.Left(ANA, CART, "goal", "Order Completed", TEN)),
                said(
                        "suppressed",
                        "The SMS was not sent because the cap over all channels is reached (3 of 3 in all in 1 day); it could pass from 2026-11-23T11:00:00Z.",
                        new MessageEvent.Suppressed(
                                MESSAGE,
                                ANA,
                                Channel.SMS,
                                CART,
                                SuppressionReason.GLOBAL_CAP,
                                List.of(CONSENT, CAP),
                                7,
                                TEN.plusSeconds(3_600),
                                TEN)),
                said(
                        "sent",
                        "The email (template cart-first) was handed over by smtp: every rule of the contact policy allowed it; counted before it: 1 of 2 on email in 12 hours.",
                        new MessageEvent.Sent(
                                MESSAGE,
                                ANA,
                                Channel.EMAIL,
                                CART,
                                "cart-first",
                                "smtp",
                                null,
                                1,
                                List.of(
                                        CONSENT,
                                        new Verdict(
                                                "cap:channel:email:PT12H",
                                                true,
                                                1,
                                                2,
                                                Duration.ofHours(12),
                                                null)),
                                7,
                                TEN)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("sentences")
    void aDecisionIsToldInASentence(String kind, String sentence, ContractEvent event) {
        DecisionRecord record = DecisionRecord.of(ID, event);

        assertThat(record.kind()).isEqualTo(kind);
        assertThat(record.explanation()).isEqualTo(sentence);
        assertThat(record.journey()).isEqualTo("cart-abandonment");
        assertThat(record.journeyVersion()).isEqualTo(3);
        assertThat(record.at()).isEqualTo(TEN);
    }

    @ParameterizedTest
    @EnumSource(SuppressionReason.class)
    void everyReasonHasWords(SuppressionReason reason) {
        DecisionRecord record = DecisionRecord.of(ID, suppressed(reason));

        assertThat(record.reason()).isEqualTo(reason.word());
        assertThat(record.explanation())
                .startsWith("The SMS was not sent because ")
                .endsWith(".")
                .doesNotContain("_");
    }

    @Test
    void ofSeveralRulesThatRefusedTheFirstIsNamedAndAllHaveToTurn() {
        Verdict night = refused("quiet-hours", null, null, null, TEN.plusSeconds(60));
        DecisionRecord record =
                DecisionRecord.of(
                        ID,
                        new DecisionEvent.Deferred(
                                ANA,
                                CART,
                                MESSAGE,
                                SuppressionReason.QUIET_HOURS,
                                TEN.plusSeconds(3_600),
                                Channel.SMS,
                                List.of(CONSENT, night, CAP),
                                7,
                                TEN));

        assertThat(record.rule()).isEqualTo("quiet-hours");
        assertThat(record.verdicts()).containsExactly(CONSENT, night, CAP);
        assertThat(record.policyVersion()).isEqualTo(7);
        assertThat(record.change())
                .isEqualTo(
                        "allowed from 2026-11-23T10:01:00Z with 1 contact fewer in all in 1 day,"
                                + " or else from 2026-11-23T11:00:00Z");
    }

    @Test
    void theRuleThatRefusedIsNamedWithItsCounts() {
        DecisionRecord record =
                DecisionRecord.of(ID, suppressed(SuppressionReason.GLOBAL_CAP, CONSENT, CAP));

        assertThat(record.rule()).isEqualTo("cap:global:P1D");
        assertThat(record.verdicts()).containsExactly(CONSENT, CAP);
        assertThat(record.policyVersion()).isEqualTo(7);
    }

    @Test
    void aTightenedCapIsToldWithWhy() {
        Verdict.Tightened ignored = new Verdict.Tightened(4, new BigDecimal("0.5"), 6, TEN, null);
        Verdict.Tightened nearlyLeft =
                new Verdict.Tightened(4, new BigDecimal("0.5"), null, null, TEN);

        assertThat(explained(ignored))
                .contains(
                        "(2 of 2 in all in 1 day, tightened from 4: 6 contacts were ignored since"
                                + " 2026-11-23T10:00:00Z)");
        assertThat(explained(nearlyLeft))
                .contains(
                        "tightened from 4: something else was opted out of at 2026-11-23T10:00:00Z");
    }

    private static String explained(Verdict.Tightened tightened) {
        Verdict cap =
                new Verdict("cap:global:P1D", false, 2, 2, Duration.ofDays(1), TEN, tightened);
        return DecisionRecord.of(ID, suppressed(SuppressionReason.GLOBAL_CAP, CONSENT, cap))
                .explanation();
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("changes")
    void saysWhatWouldHaveTurnedIt(Verdict refusing, @Nullable String change) {
        DecisionRecord record =
                DecisionRecord.of(ID, suppressed(SuppressionReason.GLOBAL_CAP, refusing));

        assertThat(record.change()).isEqualTo(change);
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of(refused("consent", null, null, null, null), "consent for SMS"),
                Arguments.of(
                        refused("address", null, null, null, null),
                        "consent for SMS under the address itself"),
                Arguments.of(
                        refused("silence", null, null, null, TEN),
                        "allowed from 2026-11-23T10:00:00Z"),
                Arguments.of(
                        refused("cap:channel:sms:P7D", 5, 3, Duration.ofDays(7), TEN),
                        "3 contacts fewer on sms in 7 days, or allowed from 2026-11-23T10:00:00Z"),
                Arguments.of(
                        refused("cap:global:P1D", 0, 0, Duration.ofDays(1), null),
                        "a contact policy that allows any in all in 1 day"),
                Arguments.of(new Verdict("consent", true, null, null, null, null), null));
    }

    private static Verdict refused(
            String rule,
            @Nullable Integer count,
            @Nullable Integer limit,
            @Nullable Duration window,
            @Nullable Instant retryAt) {
        return new Verdict(rule, false, count, limit, window, retryAt);
    }

    @Test
    void whereTheGateWasNotAskedThereIsNoPolicyVersion() {
        DecisionRecord record =
                DecisionRecord.of(
                        ID,
                        new MessageEvent.Suppressed(
                                MESSAGE,
                                ANA,
                                Channel.SMS,
                                null,
                                SuppressionReason.NO_ROUTE,
                                List.of(),
                                0,
                                null,
                                TEN));

        assertThat(record.policyVersion()).isNull();
        assertThat(record.journey()).isNull();
        assertThat(record.rule()).isNull();
    }

    private static MessageEvent.Suppressed suppressed(
            SuppressionReason reason, Verdict... verdicts) {
        return new MessageEvent.Suppressed(
                MESSAGE, ANA, Channel.SMS, CART, reason, Arrays.asList(verdicts), 7, null, TEN);
    }

    private static Arguments said(String kind, String sentence, ContractEvent event) {
        return Arguments.of(kind, sentence, event);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "cap:global:P1D             | 1 contact fewer in all in 1 day",
                "cap:channel:sms:PT12H      | 1 contact fewer on sms in 12 hours",
                "cap:topic:P7D              | 1 contact fewer of this topic in 7 days",
                "cap:topic:shop:offers:P7D  | 1 contact fewer of topic shop:offers in 7 days",
                "cap:category:service:P30D  | 1 contact fewer of category service in 30 days"
            })
    void whatGaveWayNeedsFewerOfWhatItsCapCounts(String rule, String change) {
        assertThat(
                        DecisionRecord.of(ID, displaced(DecisionEvent.Fate.DROPPED, rule, null))
                                .change())
                .isEqualTo(change);
    }

    @Test
    void whatGaveWayNamesTheCapAndTheOtherJourney() {
        DecisionRecord record = DecisionRecord.of(ID, displaced(DecisionEvent.Fate.DROPPED, null));

        assertThat(record.rule()).isEqualTo("cap:global:P1D");
        assertThat(record.change()).isEqualTo("1 contact fewer in all in 1 day");
        assertThat(record.reason()).isEqualTo("dropped");
        assertThat(record.by()).isEqualTo(WIN_BACK);
        assertThat(record.policyVersion()).isEqualTo(7);
    }
}
