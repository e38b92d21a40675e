package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.erasure.ErasureConfirmed;
import io.throughline.identity.erasure.Erasure;
import io.throughline.identity.store.ErasureStore;
import io.throughline.identity.store.ErasureStore.Confirmation;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Which services have forgotten an erased customer. */
@ApplicationScoped
class Confirmations {

    private final Intake intake;
    private final ErasureStore erasures;

    Confirmations(Intake intake, ErasureStore erasures) {
        this.intake = intake;
        this.erasures = erasures;
    }

    @Incoming("erasures")
    Uni<Void> read(ConsumerRecords<String, byte[]> records) {
        return intake.process(records, this::apply);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events) {
        return erasures.confirm(
                tx,
                events.stream()
                        .map(Envelope::data)
                        .filter(ErasureConfirmed.class::isInstance)
                        .map(ErasureConfirmed.class::cast)
                        .filter(said -> Erasure.SERVICES.contains(said.service()))
                        .map(said ->
                                new Confirmation(
                                        said.erasure(), said.service(), said.confirmedAt()))
                        .toList());
    }
}
