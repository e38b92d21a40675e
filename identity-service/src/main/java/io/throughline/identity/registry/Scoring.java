package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.identity.registry.Evaluating.Asked;
import io.throughline.identity.segment.Segments;
import io.throughline.identity.store.ScoreStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Notes what models expect of customers, and looks at those whose scores changed, in the same
 * transaction: no event tells of scores, so nothing would look at them later.
 */
@ApplicationScoped
public class Scoring {

    private final ScoreStore scores;
    private final Evaluating evaluating;

    Scoring(ScoreStore scores, Evaluating evaluating) {
        this.scores = scores;
        this.evaluating = evaluating;
    }

    public Uni<Void> note(SqlConnection tx, List<ScoresPredicted> predictions) {
        return scores.note(tx, predictions)
                .chain(changed ->
                        changed.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : evaluating
                                        .evaluate(tx, segments -> asked(segments, changed))
                                        .replaceWithVoid());
    }

    private static Asked asked(Segments segments, Set<CustomerId> changed) {
        Set<String> touched = segments.touchedByScores();
        return touched.isEmpty()
                ? new Asked(Map.of(), Set.of(), false)
                : Asked.of(changed, touched, false);
    }
}
