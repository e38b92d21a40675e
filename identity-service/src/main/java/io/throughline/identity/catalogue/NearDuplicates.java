package io.throughline.identity.catalogue;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds names that most likely mean the same event: {@code Order completed}, {@code
 * order_completed}, {@code Completed Order} and {@code Order Compelted} beside {@code Order
 * Completed}. A journey that waits for one of them does not see the others.
 */
public final class NearDuplicates {

    /** In shorter names one letter makes another word. */
    private static final int SHORTEST_FOR_SPELLING = 8;

    private static final Pattern BETWEEN_CASES =
            Pattern.compile("(?<=[\\p{Ll}\\p{N}])(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})");
    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");

    private final Map<String, Candidate> byLetters = new HashMap<>();
    private final Map<String, Candidate> byWords = new HashMap<>();
    private final Map<String, List<Spelt>> byHalf = new HashMap<>();

    /** How two names differ. */
    public enum Difference {
        /** Only in case, blanks and punctuation. */
        WRITING,
        /** In the order of their words. */
        ORDER,
        /** In one letter. */
        SPELLING,
        /** One was the other's name in an earlier version of its specification. */
        VERSION
    }

    /**
     * A name and what speaks for it.
     *
     * @param isKnown whether a specification has it
     * @param count how often it came
     */
    public record Candidate(String name, boolean isKnown, long count) {

        private static final Comparator<Candidate> BEST_FIRST =
                Comparator.comparing(Candidate::isKnown)
                        .thenComparingLong(Candidate::count)
                        .reversed()
                        .thenComparing(Candidate::name);
    }

    private record Spelt(Candidate candidate, String letters) {}

    /**
     * @param of the name that is meant, most likely
     */
    public record Duplicate(String of, Difference difference) {}

    private NearDuplicates() {}

    /**
     * For each name that is nearly a better one, which. Names of specifications are never nearly
     * another.
     *
     * @param aliases former name to today's
     */
    public static Map<String, Duplicate> among(
            Collection<Candidate> candidates, Map<String, String> aliases) {
        List<Candidate> bestFirst = candidates.stream().sorted(Candidate.BEST_FIRST).toList();
        NearDuplicates seen = new NearDuplicates();
        Map<String, Duplicate> found = new LinkedHashMap<>();
        for (Candidate candidate : bestFirst) {
            Optional<Duplicate> duplicate =
                    candidate.isKnown()
                            ? Optional.empty()
                            : former(candidate, aliases).or(() -> seen.better(candidate));
            duplicate.ifPresent(d -> found.put(candidate.name(), d));
            if (duplicate.isEmpty()) {
                seen.add(candidate);
            }
        }
        return found;
    }

    private static Optional<Duplicate> former(Candidate candidate, Map<String, String> aliases) {
        String today = aliases.get(candidate.name());
        return today == null
                ? Optional.empty()
                : Optional.of(new Duplicate(today, Difference.VERSION));
    }

    private Optional<Duplicate> better(Candidate candidate) {
        return duplicate(byLetters.get(letters(candidate.name())), Difference.WRITING)
                .or(() -> duplicate(byWords.get(words(candidate.name())), Difference.ORDER))
                .or(() -> duplicate(misspelt(candidate), Difference.SPELLING));
    }

    private static Optional<Duplicate> duplicate(@Nullable Candidate of, Difference difference) {
        return of == null ? Optional.empty() : Optional.of(new Duplicate(of.name(), difference));
    }

    private void add(Candidate candidate) {
        String letters = letters(candidate.name());
        byLetters.putIfAbsent(letters, candidate);
        byWords.putIfAbsent(words(candidate.name()), candidate);
        if (letters.length() >= SHORTEST_FOR_SPELLING) {
            Spelt spelt = new Spelt(candidate, letters);
            for (String half : halves(letters, letters.length())) {
                byHalf.computeIfAbsent(half, ignored -> new ArrayList<>()).add(spelt);
            }
        }
    }

    private @Nullable Candidate misspelt(Candidate candidate) {
        String letters = letters(candidate.name());
        if (letters.length() < SHORTEST_FOR_SPELLING) {
            return null;
        }
        for (int other = letters.length() - 1; other <= letters.length() + 1; other++) {
            for (String half : halves(letters, other)) {
                for (Spelt spelt : byHalf.getOrDefault(half, List.of())) {
                    if (differInOneLetter(letters, spelt.letters())) {
                        return spelt.candidate();
                    }
                }
            }
        }
        return null;
    }

    /**
     * The first and the last letters, as many as two names of which one has so many letters share
     * on one side at least where they differ in one: so only names with a half in common are
     * compared.
     */
    private static List<String> halves(String letters, int length) {
        int half = (length - 2) / 2;
        return List.of(
                "<" + letters.substring(0, half), ">" + letters.substring(letters.length() - half));
    }

    /** One put in, left out, replaced, or two swapped; a figure is no letter. */
    static boolean differInOneLetter(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 1 || a.equals(b)) {
            return false;
        }
        int start = 0;
        while (start < Math.min(a.length(), b.length()) && a.charAt(start) == b.charAt(start)) {
            start++;
        }
        int end = 0;
        while (end < Math.min(a.length(), b.length()) - start
                && a.charAt(a.length() - 1 - end) == b.charAt(b.length() - 1 - end)) {
            end++;
        }
        String inA = a.substring(start, a.length() - end);
        String inB = b.substring(start, b.length() - end);
        if ((inA + inB).chars().anyMatch(Character::isDigit)) {
            return false;
        }
        boolean swapped =
                inA.length() == 2
                        && inB.length() == 2
                        && inA.charAt(0) == inB.charAt(1)
                        && inA.charAt(1) == inB.charAt(0);
        return swapped || (inA.length() <= 1 && inB.length() <= 1);
    }

    private static String letters(String name) {
        return NO_WORD.matcher(folded(name)).replaceAll("");
    }

    private static String words(String name) {
        String spaced =
                BETWEEN_CASES
                        .matcher(Normalizer.normalize(name, Normalizer.Form.NFKC))
                        .replaceAll(" ");
        String[] words = NO_WORD.split(folded(spaced).strip(), -1);
        Arrays.sort(words);
        return String.join(" ", words).strip();
    }

    private static String folded(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFKC)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }
}
