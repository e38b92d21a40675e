package io.throughline.identity.consent;

import io.throughline.contracts.CustomerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What counts, folded out of what was said: within a customer the later word, and when two turned
 * out to be one, the more restrictive of both. This is the definition; the tables that hold the
 * current state are kept so as to agree with it.
 *
 * <p>Words and merges are written by processes whose clocks differ by some milliseconds. What was
 * said by somebody who was merged away was said before that, whatever the clocks say, since nobody
 * speaks as her afterwards.
 */
public final class ConsentFold {

    private ConsentFold() {}

    /** Who a customer was at a time, of those who are one by now. */
    public static CustomerId whoWas(CustomerId customer, Instant at, List<Merge> merges) {
        Map<CustomerId, Merge> ends = ends(merges);
        CustomerId who = customer;
        Merge end = ends.get(who);
        while (end != null && !end.at().isAfter(at)) {
            who = end.survivor();
            end = ends.get(who);
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
        Map<CustomerId, Merge> ends = ends(merges);
        Map<CustomerId, CustomerId> became = new HashMap<>();
        Map<CustomerId, Map<About, Standing>> standings = new HashMap<>();
        List<Said> words = new ArrayList<>(said);
        words.sort(Comparator.comparing(word -> spoken(word, ends)));
        List<Merge> joins = new ArrayList<>(merges);
        joins.sort(Comparator.comparing(Merge::at));
        int next = 0;
        for (Merge merge : joins) {
            while (next < words.size() && !spoken(words.get(next), ends).isAfter(merge.at())) {
                take(standings, words.get(next++));
            }
            became.put(merge.merged(), merge.survivor());
            Map<About, Standing> gone = standings.remove(merge.merged());
            if (gone != null) {
                Map<About, Standing> kept =
                        standings.computeIfAbsent(
                                now(merge.survivor(), became), c -> new HashMap<>());
                gone.forEach((about, standing) -> kept.merge(about, standing, Standing::with));
            }
        }
        while (next < words.size()) {
            take(standings, words.get(next++));
        }
        return standings.getOrDefault(customer, Map.of());
    }

    /** Nobody is merged away twice. */
    private static Map<CustomerId, Merge> ends(List<Merge> merges) {
        return merges.stream().collect(Collectors.toMap(Merge::merged, Function.identity()));
    }

    private static Instant spoken(Said word, Map<CustomerId, Merge> ends) {
        Merge end = ends.get(word.customer());
        return end != null && end.at().isBefore(word.recordedAt()) ? end.at() : word.recordedAt();
    }

    /** Where another clock dated the survivor's own merge earlier, it is who she became. */
    private static CustomerId now(CustomerId customer, Map<CustomerId, CustomerId> became) {
        CustomerId who = customer;
        for (CustomerId next = became.get(who); next != null; next = became.get(who)) {
            who = next;
        }
        return who;
    }

    private static void take(Map<CustomerId, Map<About, Standing>> standings, Said said) {
        standings
                .computeIfAbsent(said.customer(), c -> new HashMap<>())
                .merge(said.about(), new Standing(said.state(), said.at()), Standing::then);
    }
}
