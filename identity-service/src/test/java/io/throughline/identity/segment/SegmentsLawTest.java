package io.throughline.identity.segment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.segment.SegmentsLawTest.Asked.All;
import io.throughline.identity.segment.SegmentsLawTest.Asked.Any;
import io.throughline.identity.segment.SegmentsLawTest.Asked.Happened;
import io.throughline.identity.segment.SegmentsLawTest.Asked.In;
import io.throughline.identity.segment.SegmentsLawTest.Asked.Not;
import io.throughline.identity.segment.SegmentsLawTest.Asked.Plan;
import io.throughline.identity.segment.SegmentsLawTest.Asked.Said;
import io.throughline.identity.segment.SegmentsLawTest.Asked.Since;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The law of segments: whatever arrives in whatever order, looking only at what was touched and
 * when something came due ends at every instant where looking at everything from scratch does, by a
 * model that knows neither CEL nor what depends on what.
 */
class SegmentsLawTest {

    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final List<String> EVENTS = List.of("Order Completed", "Cart Viewed", "Ping");
    private static final List<String> PLANS = List.of("gold", "silver");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a segment asks, as somebody thinks of it. */
    sealed interface Asked {

        record All(List<Asked> of) implements Asked {}

        record Any(List<Asked> of) implements Asked {}

        record Not(Asked of) implements Asked {}

        record Plan(String plan) implements Asked {}

        record Said(String state) implements Asked {}

        record In(String segment) implements Asked {}

        /** A trait that is a time. */
        record Since(Duration window) implements Asked {}

        /**
         * @param least of events, or of the sum of their totals
         */
        record Happened(
                String event,
                @Nullable Duration window,
                @Nullable Integer dearerThan,
                boolean sum,
                int least)
                implements Asked {}
    }

    private record Did(String event, Instant at, int total) {}

    static List<Long> seeds() {
        return new Random(20261126).longs(400).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void lookingAtWhatIsTouchedOrDueIsLookingAtEverything(long seed) throws ExpressionException {
        World world = new World(new Random(seed));
        for (int step = 0; step < 40; step++) {
            world.somethingHappens();
            world.timePasses();
            assertThat(world.memberOf)
                    .as("seed %d, step %d, %s", seed, step, world)
                    .isEqualTo(world.truth());
        }
    }

    private static final class World {

        private final Random random;
        private final Map<String, Asked> asked = new LinkedHashMap<>();
        private final Segments segments;
        private final List<Did> history = new ArrayList<>();
        private final Map<String, Object> traits = new HashMap<>();
        private final Map<String, String> consents = new HashMap<>();
        private final Set<String> memberOf = new TreeSet<>();
        private Instant now = START;
        private @Nullable Instant due;

        World(Random random) throws ExpressionException {
            this.random = random;
            int count = 1 + random.nextInt(5);
            for (int i = 0; i < count; i++) {
                asked.put("s" + i, asked(3));
            }
            List<Segment> all = new ArrayList<>();
            for (Map.Entry<String, Asked> entry : asked.entrySet()) {
                SegmentForm.Written written = SegmentForm.write(json(entry.getValue()), "c");
                assertThat(written.flaws()).isEmpty();
                all.add(new Segment(entry.getKey(), 1, SegmentCondition.of(written.text())));
            }
            Collections.shuffle(all, random);
            segments = new Segments(all);
            look(segments.keys());
        }

        private Asked asked(int depth) {
            return switch (random.nextInt(depth == 0 ? 5 : 8)) {
                case 0 -> new Plan(PLANS.get(random.nextInt(2)));
                case 1 ->
                        new Said(
                                List.of("opted_in", "opted_out", "unknown").get(random.nextInt(3)));
                case 2 -> asked.isEmpty() ? happened() : new In("s" + random.nextInt(asked.size()));
                case 3 -> new Since(Duration.ofHours(1 + random.nextInt(200)));
                case 4 -> happened();
                case 5 -> new All(List.of(asked(depth - 1), asked(depth - 1)));
                case 6 -> new Any(List.of(asked(depth - 1), asked(depth - 1)));
                default -> new Not(asked(depth - 1));
            };
        }

        private Happened happened() {
            boolean sum = random.nextInt(4) == 0;
            return new Happened(
                    EVENTS.get(random.nextInt(EVENTS.size())),
                    random.nextInt(5) == 0 ? null : Duration.ofHours(1 + random.nextInt(100)),
                    random.nextInt(3) == 0 ? 50 : null,
                    sum,
                    sum ? 20 + random.nextInt(200) : random.nextInt(4));
        }

        void somethingHappens() {
            switch (random.nextInt(6)) {
                case 0 -> {
                    if (random.nextInt(3) == 0) {
                        traits.remove("plan");
                    } else {
                        traits.put("plan", PLANS.get(random.nextInt(2)));
                    }
                    look(segments.touchedByProfile());
                }
                case 1 -> {
                    traits.put("since", now.minus(hours(150)).toString());
                    look(segments.touchedByProfile());
                }
                case 2 -> {
                    consents.put("sms", random.nextBoolean() ? "opted_in" : "opted_out");
                    look(segments.touchedByConsent());
                }
                default -> {
                    // Late, mostly; some clocks are fast.
                    Instant at =
                            random.nextInt(10) == 0 ? now.plus(hours(20)) : now.minus(hours(80));
                    Did did =
                            new Did(
                                    EVENTS.get(random.nextInt(EVENTS.size())),
                                    at,
                                    random.nextInt(100));
                    history.add(random.nextInt(history.size() + 1), did);
                    look(segments.touchedByEvent(did.event()));
                }
            }
        }

        void timePasses() {
            Instant until = now.plus(hours(random.nextInt(5) == 0 ? 300 : 30));
            int looks = 0;
            while (due != null && !due.isAfter(until)) {
                now = due.isAfter(now) ? due : now;
                look(segments.touchedByTime());
                assertThat(++looks).as("looks in vain").isLessThan(1_000);
            }
            now = until;
        }

        private Duration hours(int most) {
            return Duration.ofMinutes(1 + random.nextInt(60 * most));
        }

        /** As the service does: with no more than is needed. */
        private void look(Set<String> keys) {
            if (keys.isEmpty()) {
                return;
            }
            Needs needs = segments.needs(keys);
            Segments.Verdict verdict = segments.evaluate(keys, facts(needs), memberOf, now);
            verdict.in()
                    .forEach((key, in) -> {
                        if (in) {
                            memberOf.add(key);
                        } else {
                            memberOf.remove(key);
                        }
                    });
            due = segments.due(keys, due, verdict.next());
        }

        private Facts facts(Needs needs) {
            List<Happening> loaded = new ArrayList<>();
            for (Did did : history) {
                Needs.Lookback back = needs.events().get(did.event());
                if (back != null
                        && (back.longest() == null
                                || did.at().isAfter(now.minus(back.longest())))) {
                    loaded.add(
                            new Happening(
                                    did.event(),
                                    did.at(),
                                    back.properties() ? Map.of("total", did.total()) : Map.of()));
                }
            }
            return new Facts(
                    new CustomerId(new UUID(1, 1)),
                    needs.profile() ? traits : Map.of(),
                    needs.consents() ? consents : Map.of(),
                    Map.of(),
                    loaded);
        }

        Set<String> truth() {
            Set<String> in = new TreeSet<>();
            asked.forEach((key, a) -> {
                if (holds(a, in)) {
                    in.add(key);
                }
            });
            return in;
        }

        @Override
        public String toString() {
            return "now %s, due %s, traits %s, consents %s, history %s, segments %s"
                    .formatted(now, due, traits, consents, history, asked);
        }

        private boolean holds(Asked a, Set<String> in) {
            return switch (a) {
                case All(List<Asked> of) -> of.stream().allMatch(one -> holds(one, in));
                case Any(List<Asked> of) -> of.stream().anyMatch(one -> holds(one, in));
                case Not(Asked of) -> !holds(of, in);
                case Plan(String plan) -> plan.equals(traits.get("plan"));
                case Said(String state) -> state.equals(consents.getOrDefault("sms", "unknown"));
                case In(String segment) -> in.contains(segment);
                case Since(Duration window) ->
                        traits.get("since") instanceof String since
                                && !Instant.parse(since).isAfter(now)
                                && Instant.parse(since).isAfter(now.minus(window));
                case Happened happened -> holds(happened);
            };
        }

        private boolean holds(Happened happened) {
            int reached = 0;
            for (Did did : history) {
                boolean counts =
                        did.event().equals(happened.event())
                                && !did.at().isAfter(now)
                                && (happened.window() == null
                                        || did.at().isAfter(now.minus(happened.window())))
                                && (happened.dearerThan() == null
                                        || did.total() > happened.dearerThan());
                if (counts) {
                    reached += happened.sum() ? did.total() : 1;
                }
            }
            return reached >= happened.least();
        }
    }

    private static JsonNode json(Asked a) {
        ObjectNode node = JSON.createObjectNode();
        switch (a) {
            case All(List<Asked> of) -> list(node.putArray("all"), of);
            case Any(List<Asked> of) -> list(node.putArray("any"), of);
            case Not(Asked of) -> node.set("not", json(of));
            case Plan(String plan) -> node.put("trait", "plan").put("eq", plan);
            case Said(String state) -> node.put("consent", "sms").put("is", state);
            case In(String segment) -> node.put("segment", segment);
            case Since(Duration window) ->
                    node.put("trait", "since").put("within", window.toString());
            case Happened h -> {
                node.put("event", h.event());
                if (h.window() != null) {
                    node.put("within", h.window().toString());
                }
                if (h.dearerThan() != null) {
                    node.putArray("where")
                            .addObject()
                            .put("property", "total")
                            .put("gt", h.dearerThan());
                }
                if (h.sum()) {
                    node.putObject("sum").put("property", "total").put("gte", h.least());
                } else {
                    node.putObject("count").put("gte", h.least());
                }
            }
        }
        return node;
    }

    private static void list(ArrayNode array, List<Asked> of) {
        of.forEach(one -> array.add(json(one)));
    }
}
