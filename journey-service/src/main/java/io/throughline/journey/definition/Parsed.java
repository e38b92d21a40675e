package io.throughline.journey.definition;

import java.util.List;

/** What reading a document gave. */
public sealed interface Parsed {

    record Valid(JourneyDocument document) implements Parsed {}

    /**
     * @param flaws everything that is wrong, never empty
     */
    record Invalid(List<Flaw> flaws) implements Parsed {

        public Invalid {
            flaws = List.copyOf(flaws);
        }
    }

    /**
     * @param field where it is, as in {@code steps[2].branch[0].when}; {@code document} for the
     *     whole
     * @param detail what is wrong and what was expected, for the person who wrote it
     */
    record Flaw(String field, String detail) {}
}
