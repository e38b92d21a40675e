package io.throughline.journey.preview;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.contracts.policy.ContactPolicy.Step;
import io.throughline.governance.ConsentWrite;
import io.throughline.journey.preview.PreviewReport.Change;
import io.throughline.journey.preview.PreviewReport.Effect;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyPreviewTest {

    private static final Instant FROM = Instant.parse("2026-05-01T00:00:00Z");
    private static final Instant TO = FROM.plus(Duration.ofDays(21));
    private static final Duration DAY = Duration.ofDays(1);

    private final CustomerId ana = new CustomerId(new UUID(1, 1));

    /** Without gaps, silences and hours, a cap a day and a channel's cap can be counted by hand. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void itCountsAsACountByHandDoes(long seed) {
        Random random = new Random(seed);
        ContactPolicy inForce = caps(1, random.nextInt(1, 4), random.nextInt(1, 3));
        ContactPolicy proposed = caps(2, random.nextInt(0, 4), random.nextInt(0, 3));
        PolicyPreview preview = new PolicyPreview(inForce, proposed, FROM, TO);
        PolicyPreview again = new PolicyPreview(inForce, proposed, FROM, TO);
        Map<String, Long> expected = new HashMap<>();
        long attempts = 0;
        for (int i = 1; i <= 40; i++) {
            List<Attempt> tried = attempts(new CustomerId(new UUID(seed, i)), random);
            List<String> before = byHand(inForce, tried);
            List<String> after = byHand(proposed, tried);
            for (int j = 0; j < tried.size(); j++) {
                if (tried.get(j).at().isBefore(FROM)) {
                    continue;
                }
                attempts++;
                String where = tried.get(j).journey() + " " + tried.get(j).channel();
                if (before.get(j).isEmpty() && !after.get(j).isEmpty()) {
                    expected.merge(where + " " + after.get(j) + " stopped", 1L, Long::sum);
                } else if (!before.get(j).isEmpty() && after.get(j).isEmpty()) {
                    expected.merge(where + " " + before.get(j) + " let", 1L, Long::sum);
                }
            }
            CustomerPast past = past(tried);
            preview.play(past);
            again.play(past);
        }

        PreviewReport report = preview.report();
        Map<String, Long> counted = new HashMap<>();
        for (Change change : report.changes()) {
            String where = change.journey() + " " + change.channel() + " " + change.rule();
            put(counted, where + " stopped", change.stopped());
            put(counted, where + " let", change.letThrough());
        }
        assertThat(counted).as("seed %d", seed).isEqualTo(expected);
        assertThat(report.totals().attempts()).isEqualTo(attempts);
        assertThat(report.totals().allowedBefore() - report.totals().allowedAfter())
                .isEqualTo(report.totals().stopped() - report.totals().letThrough());
        assertThat(report.examples())
                .allSatisfy(e -> assertThat(e.messages()).hasSizeBetween(1, 20));
        assertThat(again.report().toJson()).isEqualTo(report.toJson());
    }

    @Test
    void thePolicyInForceChangesNothing() {
        ContactPolicy policy = caps(3, 2, 1);
        PolicyPreview preview = new PolicyPreview(policy, policy.withVersion(4), FROM, TO);
        preview.play(past(attempts(ana, new Random(7))));

        assertThat(preview.report().changes()).isEmpty();
        assertThat(preview.report().weeks())
                .allSatisfy(w -> assertThat(w.before()).isEqualTo(w.after()));
    }

    @Test
    void whatASilenceKeptBackGoesOnlyWhereTheCategoryPassesSilences() {
        ContactPolicy inForce = caps(1, 9, 9);
        Attempt kept =
                attempt(ana, 1, Channel.EMAIL, "a", FROM.plus(DAY), SuppressionReason.SILENCED);
        Attempt later = attempt(ana, 2, Channel.EMAIL, "b", FROM.plus(DAY), null);
        PolicyPreview same = new PolicyPreview(inForce, caps(2, 8, 8), FROM, TO);
        same.play(past(List.of(kept, later)));
        assertThat(same.report().totals().unlikeTheRecord()).isZero();
        assertThat(same.report().changes()).isEmpty();

        PolicyPreview looser = new PolicyPreview(inForce, passing(inForce), FROM, TO);
        looser.play(past(List.of(kept, later)));

        assertThat(looser.report().changes())
                .containsExactly(
                        new Change("a", Channel.EMAIL, Category.MARKETING, "silence", 0, 1));
        assertThat(looser.report().examples().getFirst().effect()).isEqualTo(Effect.LET_THROUGH);
    }

    @Test
    void whatWasTakenBackMakesRoomFromThenOn() {
        Attempt first =
                new Attempt(
                        ana,
                        new MessageId(new UUID(9, 1)),
                        Channel.SMS,
                        Category.MARKETING,
                        null,
                        "a",
                        FROM,
                        null,
                        null,
                        FROM.plusSeconds(3600));
        Attempt early = attempt(ana, 2, Channel.SMS, "a", FROM.plusSeconds(1800), null);
        Attempt late = attempt(ana, 3, Channel.SMS, "a", FROM.plusSeconds(5400), null);
        PolicyPreview preview = new PolicyPreview(caps(1, 9, 9), caps(2, 1, 9), FROM, TO);
        preview.play(past(List.of(first, early, late)));

        assertThat(preview.report().examples().getFirst().messages())
                .singleElement()
                .extracting(PreviewReport.Example::message)
                .isEqualTo(early.message());
    }

    @Test
    void capsTightenForWhoIgnoredWhatWasLetThroughAndNotForWhoOpenedItOrCameByHerself() {
        ContactPolicy inForce = caps(1, 2, 2);
        ContactPolicy tiring =
                caps(2, 2, 2)
                        .withFatigue(
                                new Fatigue(
                                        Duration.ofDays(7),
                                        List.of(new Step(2, new BigDecimal("0.5"))),
                                        null,
                                        null));
        PolicyPreview preview = new PolicyPreview(inForce, tiring, FROM, TO);
        // Two a day went, of which one is left for who ignored them: the evening's before is it.
        List<Attempt> ignored = twoADay(ana, null);
        preview.play(past(ignored));
        assertThat(preview.report().changes())
                .containsExactly(
                        new Change(
                                "a",
                                Channel.EMAIL,
                                Category.MARKETING,
                                "cap:channel:email:P1D",
                                1,
                                0));

        CustomerId bea = new CustomerId(new UUID(1, 77));
        preview.play(past(twoADay(bea, List.of(FROM.minusSeconds(60)))));
        CustomerId cleo = new CustomerId(new UUID(1, 78));
        BehaviourRecorded visit =
                new BehaviourRecorded(
                        cleo,
                        "v",
                        "web",
                        AcceptedEvent.Kind.PAGE,
                        "Home",
                        Map.of(),
                        Map.of(),
                        List.of(),
                        FROM.minusSeconds(60),
                        FROM.minusSeconds(59));
        preview.play(new CustomerPast(cleo, null, List.of(), List.of(visit), twoADay(cleo, null)));
        assertThat(preview.report().totals().stopped()).isEqualTo(1);
    }

    /** On the two days before, and on the first of the period a morning's and an evening's. */
    private static List<Attempt> twoADay(CustomerId customer, @Nullable List<Instant> engagedAt) {
        List<Attempt> tried = new ArrayList<>();
        for (int i = -4; i < 2; i++) {
            Attempt plain =
                    attempt(
                            customer,
                            i + 10,
                            Channel.EMAIL,
                            "a",
                            FROM.plus(Duration.ofHours(12L * i)).plusSeconds(10),
                            null);
            tried.add(
                    new Attempt(
                            plain.customer(),
                            plain.message(),
                            plain.channel(),
                            plain.category(),
                            null,
                            plain.journey(),
                            plain.at(),
                            null,
                            null,
                            null,
                            i == -1 ? engagedAt : null));
        }
        return tried;
    }

    @Test
    void anOptOutHoldsFromWhenItWasSaid() {
        Attempt before = attempt(ana, 1, Channel.SMS, "a", FROM.plus(DAY), null);
        Attempt after = attempt(ana, 2, Channel.SMS, "a", FROM.plus(DAY.multipliedBy(5)), null);
        ConsentWrite stop =
                new ConsentWrite(
                        ana,
                        null,
                        Channel.SMS,
                        null,
                        ConsentState.OPTED_OUT,
                        FROM.plus(DAY.multipliedBy(3)));
        PolicyPreview preview = new PolicyPreview(caps(1, 9, 9), caps(2, 0, 9), FROM, TO);
        preview.play(new CustomerPast(ana, null, List.of(stop), List.of(), List.of(before, after)));

        assertThat(preview.report().totals().stopped()).isEqualTo(1);
        assertThat(preview.report().totals().allowedBefore()).isEqualTo(1);
        assertThat(preview.report().totals().unlikeTheRecord()).isEqualTo(1);
    }

    private static void put(Map<String, Long> counts, String key, long count) {
        if (count > 0) {
            counts.put(key, count);
        }
    }

    /** The rule that refuses each; empty where none does. */
    private static List<String> byHand(ContactPolicy policy, List<Attempt> tried) {
        int ofChannel = policy.caps().get(1).max();
        int ofAll = policy.caps().get(0).max();
        List<Attempt> went = new ArrayList<>();
        List<String> rules = new ArrayList<>();
        for (Attempt attempt : tried) {
            List<Attempt> counting =
                    went.stream().filter(c -> attempt.at().isBefore(c.at().plus(DAY))).toList();
            boolean fixed = attempt.at().isBefore(FROM);
            String rule = "";
            if (counting.stream().filter(c -> c.channel() == attempt.channel()).count()
                    >= ofChannel) {
                rule = "cap:channel:" + attempt.channel().word() + ":P1D";
            } else if (counting.size() >= ofAll) {
                rule = "cap:global:P1D";
            }
            if (fixed ? attempt.refused() == null : rule.isEmpty()) {
                went.add(attempt);
            }
            rules.add(rule);
        }
        return rules;
    }

    private static List<Attempt> attempts(CustomerId customer, Random random) {
        List<Attempt> tried = new ArrayList<>();
        Instant at = FROM.minus(DAY.multipliedBy(2));
        while (true) {
            at = at.plusSeconds(random.nextLong(1, 86_400));
            if (!at.isBefore(TO)) {
                return tried;
            }
            tried.add(
                    attempt(
                            customer,
                            random.nextLong(),
                            random.nextBoolean() ? Channel.SMS : Channel.EMAIL,
                            random.nextBoolean() ? "a" : "b",
                            at,
                            random.nextInt(4) == 0 ? SuppressionReason.GLOBAL_CAP : null));
        }
    }

    private static Attempt attempt(
            CustomerId customer,
            long message,
            Channel channel,
            String journey,
            Instant at,
            @Nullable SuppressionReason refused) {
        return new Attempt(
                customer,
                new MessageId(new UUID(customer.value().getLeastSignificantBits(), message)),
                channel,
                Category.MARKETING,
                null,
                journey,
                at,
                refused,
                refused == null ? null : at.plusSeconds(3600),
                null);
    }

    private static CustomerPast past(List<Attempt> attempts) {
        return new CustomerPast(
                attempts.getFirst().customer(), null, List.of(), List.of(), attempts);
    }

    private static ContactPolicy caps(int version, int ofAll, int ofChannel) {
        Map<Channel, ConsentRule> consent = new EnumMap<>(Channel.class);
        consent.put(Channel.SMS, ConsentRule.OPT_OUT);
        consent.put(Channel.EMAIL, ConsentRule.OPT_OUT);
        return new ContactPolicy(
                version,
                List.of(
                        new Cap(Scope.GLOBAL, null, ofAll, DAY),
                        new Cap(Scope.CHANNEL, null, ofChannel, DAY)),
                null,
                null,
                "UTC",
                consent,
                Set.of(),
                List.of());
    }

    /** The same, and marketing passes silences. */
    private static ContactPolicy passing(ContactPolicy policy) {
        return new ContactPolicy(
                policy.version() + 1,
                policy.caps(),
                null,
                null,
                policy.defaultTimeZone(),
                policy.consent(),
                policy.optOutCoversTransactional(),
                policy.silences(),
                List.of(),
                Map.of(
                        Category.MARKETING,
                        new ContactPolicy.CategoryRule(
                                Set.of(ContactPolicy.Passable.SILENCES), true)),
                policy.refund(),
                null,
                null,
                null,
                null,
                policy.fatigue());
    }
}
