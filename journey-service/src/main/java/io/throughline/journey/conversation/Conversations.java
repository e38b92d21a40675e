package io.throughline.journey.conversation;

import io.smallrye.mutiny.Uni;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.journey.conversation.CaseFiles.Opened;
import io.throughline.journey.conversation.Turn.Question;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The one path on which anything moves a customer, whether it came from Kafka or from a timer:
 * lock, load, decide, store, all in the caller's transaction.
 */
@ApplicationScoped
public class Conversations {

    private final CaseFiles files;
    private final CaseArchive archive;
    private final GateDesk gate;
    private final InstantSource clock;
    private final RandomGenerator random;

    Conversations(
            CaseFiles files,
            CaseArchive archive,
            GateDesk gate,
            InstantSource clock,
            RandomGenerator random) {
        this.files = files;
        this.archive = archive;
        this.gate = gate;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Applies stimuli, those of one customer in their order. Fails, and is to be tried again, while
     * the gate cannot be asked.
     *
     * @return when the first of the timers is due that were started; {@link Instant#MAX} for none
     */
    public Uni<Instant> apply(SqlConnection tx, List<Stimulus> stimuli) {
        if (stimuli.isEmpty()) {
            return Uni.createFrom().item(Instant.MAX);
        }
        Instant now = clock.instant();
        return files.open(tx, stimuli, now)
                .chain(opened -> decide(tx, opened, stimuli, now))
                .chain(book -> archive.store(tx, book, now).replaceWith(book::nextDue));
    }

    /**
     * What is held is released by the activation of its journey, once. So where anything is to be
     * held, its journey is kept from being activated until this is stored; if it was activated
     * since it was read, all is decided again.
     */
    private Uni<Casebook> decide(
            SqlConnection tx, Opened opened, List<Stimulus> stimuli, Instant now) {
        Turn turn =
                new Turn(opened.inForce(), opened.book(), opened.answers(), stimuli, now, random);
        return finish(turn, opened)
                .chain(() -> files.mayHold(tx, opened))
                .chain(settled ->
                        settled
                                ? Uni.createFrom().item(opened.book())
                                : files.again(tx, stimuli, opened)
                                        .chain(again -> decide(tx, again, stimuli, now)));
    }

    /** Goes on until no question for the gate is left. */
    private Uni<Void> finish(Turn turn, Opened opened) {
        List<Question> questions = turn.advance();
        if (questions.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<GateRequest> requests = new ArrayList<>();
        questions.forEach(question -> requests.addAll(question.requests()));
        return gate.peek(requests, opened.inForce().policy(), opened.book()::customer)
                .invoke(answers -> turn.answer(split(answers, questions)))
                .chain(() -> finish(turn, opened));
    }

    private static List<List<GateAnswer>> split(
            List<GateAnswer> answers, List<Question> questions) {
        List<List<GateAnswer>> split = new ArrayList<>();
        int from = 0;
        for (Question question : questions) {
            int to = from + question.requests().size();
            split.add(answers.subList(from, to));
            from = to;
        }
        return split;
    }
}
