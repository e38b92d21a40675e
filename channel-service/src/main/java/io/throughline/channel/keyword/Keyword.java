package io.throughline.channel.keyword;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keywords of a text conversation: the union of what CTIA, Twilio, AWS and Telnyx document, of
 * the words that 47 CFR 64.1200(a)(10) says settle it by themselves, and of what senders in other
 * languages tell people to answer. Each stands here and in {@code docs/consents.md}, and in no
 * other place.
 *
 * <p>There are more words for a stop than for a start on purpose: a stop that is heard where none
 * was meant is undone by one word, and the other way round nothing undoes it.
 */
public enum Keyword {
    /** Nothing more on this channel. */
    STOP(
            List.of(
                    "stop",
                    "stopall",
                    "stop all",
                    "unsubscribe",
                    "optout",
                    "opt out",
                    "revoke",
                    "stopp",
                    "arret",
                    "désabonner",
                    "désinscrire",
                    "abmelden",
                    "disiscrivimi",
                    "descadastrar",
                    "afmelden",
                    "стоп"),
            List.of(
                    "end",
                    "cancel",
                    "quit",
                    "remove",
                    "td",
                    "baja",
                    "alto",
                    "cancelar",
                    "parar",
                    "sair",
                    "arrêter",
                    "arrêtez",
                    "désabonnement",
                    "désinscription",
                    "abbestellen",
                    "abmeldung",
                    "cancella",
                    "cancellami",
                    "basta",
                    "stoppen",
                    "uitschrijven",
                    "avsluta",
                    "afmeld",
                    "avmeld",
                    "rezygnuję",
                    "iptal",
                    "ret",
                    "退订",
                    "退訂",
                    "配信停止",
                    "수신거부")),
    /** May be written to again. */
    START(List.of(), List.of("start", "unstop")),
    /** Wants to know who writes. */
    HELP(List.of(), List.of("help", "info"));

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
    private final List<String> first;

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
    private final List<String> alone;

    @SuppressWarnings("ImmutableEnumChecker") // Stream.toList cannot be changed
    private final List<String> beginnings;

    @SuppressWarnings("ImmutableEnumChecker") // Stream.toList cannot be changed
    private final List<String> phrases;

    /**
     * @param first what is meant as well where a longer text begins with it, as in "STOP texting
     *     me"
     * @param alone what also begins ordinary sentences ("end of the month is fine", "alto, por
     *     favor") and is meant only as the whole text
     */
    Keyword(List<String> first, List<String> alone) {
        this.first = first;
        this.alone = alone;
        this.beginnings = first.stream().map(phrase -> folded(phrase) + " ").toList();
        this.phrases = Stream.of(first, alone).flatMap(List::stream).map(Keyword::folded).toList();
    }

    /** The keyword that a text is, if it is one. */
    public static Optional<Keyword> in(String text) {
        String phrase = folded(text);
        return Arrays.stream(values())
                .filter(keyword -> keyword.phrases.contains(phrase))
                .findFirst()
                .or(() -> Arrays.stream(values()).filter(k -> k.begins(phrase)).findFirst());
    }

    /** What counts alone and at the beginning of a longer text. */
    List<String> first() {
        return first;
    }

    /** What counts only as the whole text. */
    List<String> alone() {
        return alone;
    }

    private boolean begins(String phrase) {
        return beginnings.stream().anyMatch(phrase::startsWith);
    }

    /**
     * Compatibility forms folded (full-width letters), accents dropped, punctuation and emoji taken
     * for spaces, case folded.
     */
    private static String folded(String text) {
        return Normalizer.normalize(
                        Normalizer.normalize(text, Normalizer.Form.NFKC), Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replaceAll("[^\\p{L}\\p{N}]+", " ")
                .strip()
                .toLowerCase(Locale.ROOT);
    }
}
