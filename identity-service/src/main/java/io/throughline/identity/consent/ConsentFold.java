package io.throughline.identity.consent;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What counts, folded out of what was said: within a customer the later word, and when two turned
 * out to be one, the more restrictive of both. This is the definition; the tables that hold the
 * current state are kept so as to agree with it.
 */
public final class ConsentFold {

    private ConsentFold() {}

    /** Who a customer was at a time, of those who are one by now. */
    public static CustomerId whoWas(CustomerId customer, Instant at, List<Merge> merges) {
        CustomerId who = customer;
        for (Merge merge : merges.stream().sorted(Comparator.comparing(Merge::at)).toList()) {
            if (merge.merged().equals(who) && !merge.at().isAfter(at)) {
                who = merge.survivor();
            }
        }
        return who;
    }

    /** Two customers that turned out to be one. */
    public record Merge(CustomerId survivor, CustomerId merged, Instant at) {}

    /**
     * @param customer who all of them are by now
     */
    public static Map<About, Standing> of(
            CustomerId customer, List<Said> said, List<Merge> merges) {
        Map<CustomerId, Map<About, Standing>> standings = new HashMap<>();
        List<Said> words = new ArrayList<>(said);
        words.sort(Comparator.comparing(Said::recordedAt));
        List<Merge> joins = new ArrayList<>(merges);
        joins.sort(Comparator.comparing(Merge::at));
        int next = 0;
        for (Merge merge : joins) {
            while (next < words.size() && !words.get(next).recordedAt().isAfter(merge.at())) {
                take(standings, words.get(next++));
            }
            Map<About, Standing> gone = standings.remove(merge.merged());
            if (gone != null) {
                Map<About, Standing> kept =
                        standings.computeIfAbsent(merge.survivor(), c -> new HashMap<>());
                gone.forEach((about, standing) -> kept.merge(about, standing, Standing::with));
            }
        }
        while (next < words.size()) {
            take(standings, words.get(next++));
        }
        return standings.getOrDefault(customer, Map.of());
    }

    private static void take(Map<CustomerId, Map<About, Standing>> standings, Said said) {
        standings
                .computeIfAbsent(said.customer(), c -> new HashMap<>())
                .merge(said.about(), new Standing(said.state(), said.at()), Standing::then);
    }
}
