package io.throughline.identity.consent;

import io.throughline.contracts.CustomerId;
import io.throughline.identity.consent.ConsentFold.Merge;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What was said by all that a customer was, how she became one, and what stands of it.
 *
 * @param stands as it is stored
 */
public record History(
        CustomerId customer, List<Line> lines, List<Merge> merges, Map<About, Standing> stands) {

    /** What counts once a word from before is known too; what stood is not loosened by it. */
    public Standing with(Said word) {
        List<Said> said = Stream.concat(lines.stream().map(Line::said), Stream.of(word)).toList();
        Standing folded =
                Objects.requireNonNull(
                        ConsentFold.of(customer, said, merges).get(word.about()),
                        "there is a word of it");
        Standing kept = unexplained().get(word.about());
        return kept == null ? folded : folded.with(kept);
    }

    /**
     * Opt-outs that stand and that no line says: those of whoever she was taken apart from, before
     * what a merge had kept went into the ledger.
     */
    Map<About, Standing> unexplained() {
        List<Said> said = lines.stream().map(Line::said).toList();
        return Standing.optOutsBeyond(ConsentFold.of(customer, said, merges), stands);
    }
}
