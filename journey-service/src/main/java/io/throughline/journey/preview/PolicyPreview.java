package io.throughline.journey.preview;

import io.throughline.contracts.ConsentState;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.Verdict;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.ConversionSilence;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.SilenceWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Replays what was ready to go, customer by customer and in the order of time, once under the
 * policy in force and once under the one that is proposed, as if each had been in force since the
 * beginning of the period. Keeps no more of a customer than counts and a few examples. The same
 * customers in the same order give the same report.
 */
public final class PolicyPreview {

    private final ContactPolicy inForce;
    private final ContactPolicy proposed;
    private final Instant from;
    private final Tally tally;

    /**
     * @param from contacts from before are as they were
     * @param to first instant that is not looked at any more
     */
    public PolicyPreview(ContactPolicy inForce, ContactPolicy proposed, Instant from, Instant to) {
        this.inForce = inForce;
        this.proposed = proposed;
        this.from = from;
        this.tally = new Tally(inForce.version(), from, to);
    }

    /** How far back attempts have to be known for the period. */
    public Instant attemptsSince() {
        return from.minus(longer(inForce.horizon(), proposed.horizon()));
    }

    /** How far back events have to be known for the silences and the fatigue of the period. */
    public Instant eventsSince() {
        Duration silences =
                Stream.of(inForce, proposed)
                        .flatMap(policy -> policy.silences().stream())
                        .map(ConversionSilence::period)
                        .reduce(Duration.ZERO, PolicyPreview::longer);
        Duration fatigue =
                Stream.of(inForce, proposed)
                        .filter(policy -> policy.fatigue() != null)
                        .map(ContactPolicy::fatigueWindow)
                        .reduce(Duration.ZERO, PolicyPreview::longer);
        return from.minus(longer(silences, fatigue));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    public PreviewReport report() {
        return tally.report();
    }

    /** Of one instant: what is known then, what is tried, what is taken back. */
    private enum Order {
        WORD,
        EVENT,
        ATTEMPT,
        TAKEN_BACK
    }

    private record Happening(Instant at, Order order, String tie, Runnable happens) {}

    private static final Comparator<Happening> IN_TIME =
            Comparator.comparing(Happening::at)
                    .thenComparing(Happening::order)
                    .thenComparing(Happening::tie);

    public void play(CustomerPast past) {
        if (past.attempts().stream().allMatch(attempt -> attempt.at().isBefore(from))) {
            return;
        }
        List<ConsentWrite> consents = past.consents().stream().map(PolicyPreview::atFirst).toList();
        List<CustomerHistory.Contact> contacts = contactsBefore(past);
        World now = new World(inForce, past, consents, contacts);
        World then = new World(proposed, past, consents, contacts);
        List<Happening> happenings = new ArrayList<>();
        for (ConsentWrite consent : past.consents()) {
            if (consent.state() == ConsentState.OPTED_OUT) {
                add(
                        happenings,
                        consent.at(),
                        Order.WORD,
                        consent.channel() + " " + consent.topic(),
                        () -> {
                            now.consent(consent);
                            then.consent(consent);
                        });
            }
        }
        for (BehaviourRecorded event : past.events()) {
            add(
                    happenings,
                    event.receivedAt(),
                    Order.EVENT,
                    event.source() + event.messageId(),
                    () -> {
                        now.hear(event);
                        then.hear(event);
                    });
        }
        for (Attempt attempt : past.attempts()) {
            String message = attempt.message().toString();
            if (!attempt.at().isBefore(from)) {
                add(
                        happenings,
                        attempt.at(),
                        Order.ATTEMPT,
                        message,
                        () -> attempt(attempt, now, then));
            }
            for (Instant engagedAt : attempt.engagements()) {
                add(
                        happenings,
                        engagedAt,
                        Order.EVENT,
                        message,
                        () -> {
                            now.engaged(attempt, engagedAt);
                            then.engaged(attempt, engagedAt);
                        });
            }
            Instant takenBackAt = attempt.takenBackAt();
            if (takenBackAt != null) {
                add(
                        happenings,
                        takenBackAt,
                        Order.TAKEN_BACK,
                        message,
                        () -> {
                            now.takeBack(attempt);
                            then.takeBack(attempt);
                        });
            }
        }
        happenings.sort(IN_TIME);
        happenings.forEach(happening -> happening.happens().run());
        tally.customerEnds();
    }

    private static void add(
            List<Happening> happenings, Instant at, Order order, String tie, Runnable happens) {
        happenings.add(new Happening(at, order, tie, happens));
    }

    /**
     * Only the latest word is on record. Where it is an opt-in, it is taken to have held all the
     * time; where it is an opt-out, for an opt-in until then: both policies see the same.
     */
    private static ConsentWrite atFirst(ConsentWrite latest) {
        return new ConsentWrite(
                latest.customer(),
                latest.address(),
                latest.channel(),
                latest.topic(),
                ConsentState.OPTED_IN,
                Instant.EPOCH);
    }

    private List<CustomerHistory.Contact> contactsBefore(CustomerPast past) {
        return past.attempts().stream()
                .filter(attempt -> attempt.at().isBefore(from) && attempt.refused() == null)
                .map(attempt ->
                        new CustomerHistory.Contact(
                                attempt.message(),
                                attempt.channel(),
                                attempt.category(),
                                attempt.topic(),
                                attempt.journey(),
                                attempt.at(),
                                true))
                .toList();
    }

    private void attempt(Attempt attempt, World now, World then) {
        if (attempt.refused() == SuppressionReason.SILENCED && !silenced(now.ask(attempt))) {
            // Of a journey's goal, or of a policy before: on record by what it kept back.
            SilenceWrite silence = onRecord(attempt);
            now.silence(silence, attempt.at());
            then.silence(silence, attempt.at());
        }
        GateAnswer before = now.attempt(attempt);
        GateAnswer after = then.attempt(attempt);
        tally.attempt(attempt, refusing(before), refusing(after));
    }

    private static boolean silenced(GateAnswer answer) {
        return answer instanceof GateAnswer.Denied denied
                && denied.reason() == SuppressionReason.SILENCED;
    }

    private static SilenceWrite onRecord(Attempt attempt) {
        Instant retryAt = attempt.retryAt();
        return new SilenceWrite(
                attempt.customer(),
                attempt.journey(),
                Set.of(attempt.category()),
                "on record\n" + attempt.journey() + "\n" + attempt.category(),
                Instant.EPOCH,
                retryAt == null ? attempt.at().plusMillis(1) : retryAt,
                false);
    }

    /** The rule that refuses; empty where none does. */
    private static String refusing(GateAnswer answer) {
        return switch (answer) {
            case GateAnswer.Allowed allowed -> Tally.NO_RULE;
            case GateAnswer.Denied denied ->
                    Verdict.refusing(denied.verdicts())
                            .map(Verdict::rule)
                            .orElse(denied.reason().word());
        };
    }
}
