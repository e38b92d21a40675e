package io.throughline.channel.keyword;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The keywords of a text conversation: the union of what CTIA, Twilio, AWS and Telnyx document and
 * of the words that 47 CFR 64.1200(a)(10) says settle it by themselves.
 */
public enum Keyword {
    /** Nothing more on this channel. */
    STOP(
            "stop",
            "stopall",
            "stop all",
            "end",
            "cancel",
            "unsubscribe",
            "quit",
            "revoke",
            "optout",
            "opt out",
            "remove",
            "arret",
            "td"),
    /** May be written to again. */
    START("start", "unstop"),
    /** Wants to know who writes. */
    HELP("help", "info");

    /**
     * Words that make a longer text a stop when they come first, as in "STOP texting me". The other
     * stop words also begin ordinary sentences ("end of the month is fine").
     */
    private static final Set<String> STOPS_FIRST =
            Set.of("stop", "stopall", "unsubscribe", "optout", "revoke", "arret");

    @SuppressWarnings("ImmutableEnumChecker") // Set.of cannot be changed
    private final Set<String> phrases;

    Keyword(String... phrases) {
        this.phrases = Set.of(phrases);
    }

    /** The keyword that a text is, if it is one. */
    public static Optional<Keyword> in(String text) {
        List<String> words = words(text);
        String phrase = String.join(" ", words);
        Optional<Keyword> exact =
                Arrays.stream(values()).filter(k -> k.phrases.contains(phrase)).findFirst();
        if (exact.isPresent() || words.isEmpty()) {
            return exact;
        }
        boolean optOutFirst = phrase.startsWith("opt out ");
        return optOutFirst || STOPS_FIRST.contains(words.getFirst())
                ? Optional.of(STOP)
                : Optional.empty();
    }

    /**
     * Compatibility forms folded (full-width letters), accents dropped, punctuation and emoji taken
     * for spaces, case folded.
     */
    private static List<String> words(String text) {
        String folded =
                Normalizer.normalize(
                                Normalizer.normalize(text, Normalizer.Form.NFKC),
                                Normalizer.Form.NFD)
                        .replaceAll("\\p{M}", "")
                        .replaceAll("[^\\p{L}\\p{N}]+", " ")
                        .strip()
                        .toLowerCase(Locale.ROOT);
        return folded.isEmpty()
                ? List.of()
                : Arrays.stream(folded.split(" ")).collect(Collectors.toList());
    }
}
