package io.throughline.journey.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.prediction.ScoresPredicted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScoresTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(0x7000L, 1));
    private static final CustomerId GUEST = new CustomerId(new UUID(0x7000L, 2));

    /** What may come, in any order: of whom, and what. A merge has neither. */
    private record Told(
            @Nullable CustomerId of, @Nullable ScoresPredicted scores, @Nullable Instant apart) {}

    @Test
    void inWhateverOrderPredictionsAMergeAndSplitsComeTheSameCounts() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<Told> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                CustomerId of = random.nextBoolean() ? ANA : GUEST;
                all.add(
                        new Told(
                                of,
                                new ScoresPredicted(
                                        of,
                                        Map.of("s" + random.nextInt(3), random.nextInt(5) / 4.0),
                                        "m",
                                        "1",
                                        NOW.plusSeconds(random.nextInt(20))),
                                null));
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                all.add(
                        new Told(
                                random.nextBoolean() ? ANA : GUEST,
                                null,
                                NOW.plusSeconds(random.nextInt(20))));
            }
            all.add(new Told(null, null, null));
            Collections.shuffle(all, random);
            assertThat(told(all)).as("seed %d", seed).isEqualTo(counting(all));
        }
    }

    private static Map<String, Double> told(List<Told> all) {
        Map<CustomerId, KnownCustomer> known = new HashMap<>();
        known.put(ANA, KnownCustomer.stranger(ANA));
        known.put(GUEST, KnownCustomer.stranger(GUEST));
        for (Told one : all) {
            CustomerId of = known.containsKey(GUEST) ? one.of() : ANA;
            ScoresPredicted scores = one.scores();
            Instant apart = one.apart();
            if (scores != null) {
                known.computeIfPresent(of, (id, customer) -> customer.with(scores));
            } else if (apart != null) {
                known.computeIfPresent(of, (id, customer) -> customer.takenApart(List.of(), apart));
            } else {
                KnownCustomer guest = Objects.requireNonNull(known.remove(GUEST));
                known.computeIfPresent(ANA, (id, ana) -> ana.joinedWith(guest, NOW));
            }
        }
        return Objects.requireNonNull(known.get(ANA)).view().scores();
    }

    /** By the definition: of each name the last one made, after anybody was last taken apart. */
    private static Map<String, Double> counting(List<Told> all) {
        Instant since =
                all.stream()
                        .filter(one -> one.apart() != null)
                        .map(Told::apart)
                        .max(Instant::compareTo)
                        .orElse(Instant.MIN);
        Map<String, Double> values = new HashMap<>();
        Map<String, Instant> made = new HashMap<>();
        for (Told one : all) {
            ScoresPredicted scores = one.scores();
            if (scores == null || !scores.at().isAfter(since)) {
                continue;
            }
            scores.scores()
                    .forEach((name, value) -> {
                        Instant before = made.getOrDefault(name, Instant.MIN);
                        int order = scores.at().compareTo(before);
                        if (order > 0 || (order == 0 && value > values.getOrDefault(name, -1.0))) {
                            made.put(name, scores.at());
                            values.put(name, value);
                        }
                    });
        }
        return values;
    }
}
