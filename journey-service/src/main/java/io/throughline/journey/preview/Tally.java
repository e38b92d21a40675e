package io.throughline.journey.preview;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.journey.preview.PreviewReport.Change;
import io.throughline.journey.preview.PreviewReport.Effect;
import io.throughline.journey.preview.PreviewReport.Example;
import io.throughline.journey.preview.PreviewReport.Examples;
import io.throughline.journey.preview.PreviewReport.Totals;
import io.throughline.journey.preview.PreviewReport.Weeks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a preview counts; as large as there are journeys and rules, however many customers. */
final class Tally {

    /** Of a message that no rule refuses. */
    static final String NO_RULE = "";

    private static final int EXAMPLES = 20;
    private static final long WEEK = Duration.ofDays(7).toMillis();

    private record Place(String journey, Channel channel, Category category, String rule) {
        static final Comparator<Place> ORDER =
                Comparator.comparing(Place::journey)
                        .thenComparing(Place::channel)
                        .thenComparing(Place::category)
                        .thenComparing(Place::rule);
    }

    private record Exemplary(String rule, Effect effect) {
        static final Comparator<Exemplary> ORDER =
                Comparator.comparing(Exemplary::rule).thenComparing(Exemplary::effect);
    }

    private static final class Count {
        private long before;
        private long after;
    }

    private final int inForce;
    private final Instant from;
    private final Instant to;

    private long customers;
    private long attempts;
    private long allowedBefore;
    private long allowedAfter;
    private long unlikeTheRecord;
    private long unlikeReasons;
    private final Map<Place, Count> changes = new TreeMap<>(Place.ORDER);
    private final Map<Exemplary, List<Example>> examples = new TreeMap<>(Exemplary.ORDER);
    private final Map<Integer, Count> weeks = new TreeMap<>();

    /** The customer who is being played, by week. */
    private final Map<Long, Count> ofCustomer = new HashMap<>();

    Tally(int inForce, Instant from, Instant to) {
        this.inForce = inForce;
        this.from = from;
        this.to = to;
    }

    /**
     * @param before the rule of the policy in force that refuses it
     * @param after the rule of the proposed one
     */
    void attempt(Attempt attempt, String before, String after) {
        boolean wentBefore = before.equals(NO_RULE);
        boolean goesAfter = after.equals(NO_RULE);
        attempts++;
        allowedBefore += wentBefore ? 1 : 0;
        allowedAfter += goesAfter ? 1 : 0;
        unlikeTheRecord += wentBefore != (attempt.refused() == null) ? 1 : 0;
        unlikeReasons += !wentBefore && !goesAfter && !before.equals(after) ? 1 : 0;
        long week = Duration.between(from, attempt.at()).toMillis() / WEEK;
        Count ofWeek = ofCustomer.computeIfAbsent(week, w -> new Count());
        ofWeek.before += wentBefore ? 1 : 0;
        ofWeek.after += goesAfter ? 1 : 0;
        if (wentBefore && !goesAfter) {
            changed(attempt, after, Effect.STOPPED);
        } else if (!wentBefore && goesAfter) {
            changed(attempt, before, Effect.LET_THROUGH);
        }
    }

    private void changed(Attempt attempt, String rule, Effect effect) {
        String journey = attempt.journey() == null ? "" : attempt.journey();
        Count count =
                changes.computeIfAbsent(
                        new Place(journey, attempt.channel(), attempt.category(), rule),
                        place -> new Count());
        count.before += effect == Effect.STOPPED ? 1 : 0;
        count.after += effect == Effect.LET_THROUGH ? 1 : 0;
        List<Example> some =
                examples.computeIfAbsent(new Exemplary(rule, effect), e -> new ArrayList<>());
        if (some.size() < EXAMPLES) {
            some.add(new Example(attempt.customer(), attempt.message(), attempt.at()));
        }
    }

    void customerEnds() {
        customers++;
        for (Count week : ofCustomer.values()) {
            weeks.computeIfAbsent(bucket(week.before), n -> new Count()).before++;
            weeks.computeIfAbsent(bucket(week.after), n -> new Count()).after++;
        }
        ofCustomer.clear();
    }

    private static int bucket(long contacts) {
        return (int) Math.min(contacts, PreviewReport.MOST_CONTACTS);
    }

    PreviewReport report() {
        List<Change> changed =
                changes.entrySet().stream()
                        .map(e ->
                                new Change(
                                        e.getKey().journey(),
                                        e.getKey().channel(),
                                        e.getKey().category(),
                                        e.getKey().rule(),
                                        e.getValue().before,
                                        e.getValue().after))
                        .toList();
        return new PreviewReport(
                from,
                to,
                inForce,
                new Totals(
                        customers,
                        attempts,
                        allowedBefore,
                        allowedAfter,
                        changed.stream().mapToLong(Change::stopped).sum(),
                        changed.stream().mapToLong(Change::letThrough).sum(),
                        unlikeReasons,
                        unlikeTheRecord),
                changed,
                weeks.entrySet().stream()
                        .map(e -> new Weeks(e.getKey(), e.getValue().before, e.getValue().after))
                        .toList(),
                examples.entrySet().stream()
                        .map(e ->
                                new Examples(
                                        e.getKey().rule(),
                                        e.getKey().effect(),
                                        List.copyOf(e.getValue())))
                        .toList());
    }
}
