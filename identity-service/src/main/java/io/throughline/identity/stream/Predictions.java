package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.prediction.ScoresPredicted;
import io.throughline.identity.registry.Scoring;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** What models expect of customers. */
@ApplicationScoped
class Predictions {

    private final Gathering batches;
    private final Scoring scoring;
    private final InstantSource clock;

    Predictions(Vertx vertx, Intake intake, Scoring scoring, InstantSource clock) {
        this.batches =
                new Gathering(
                        vertx,
                        records -> intake.processCompacted(records, this::objection, this::apply));
        this.scoring = scoring;
        this.clock = clock;
    }

    @Incoming("predictions")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> read(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Optional<String> objection(
            ConsumerRecord<String, byte[]> record, Envelope<?> envelope) {
        return envelope.data() instanceof ScoresPredicted scores
                ? scores.objection(record.key(), clock.instant())
                : Optional.empty();
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> envelopes) {
        return scoring.note(
                tx,
                envelopes.stream()
                        .map(Envelope::data)
                        .filter(ScoresPredicted.class::isInstance)
                        .map(ScoresPredicted.class::cast)
                        .toList());
    }
}
