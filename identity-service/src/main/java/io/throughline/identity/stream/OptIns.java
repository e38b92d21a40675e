package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.json.EventCodec;
import io.throughline.identity.registry.Hydration;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/**
 * Puts opt-ins in force a second time. An opt-in goes to the gate only once it is committed, so
 * that it never rests on nothing; a process or a gate that goes away between the two would leave it
 * in the ledger for ever, and the customer unreached. Opt-outs need none of this: they are in force
 * before they are committed.
 *
 * <p>What is given to the gate is not what the event says but what the ledger says by now, read
 * under the customer's lock: the customer may have become two since, or have said something else.
 */
@ApplicationScoped
class OptIns {

    private static final String CONSUMER = "opt-ins";

    private static final byte[] TYPE =
            EventTypes.typeOf(ConsentChanged.class).getBytes(StandardCharsets.UTF_8);

    private final Intake intake;
    private final Hydration hydration;

    OptIns(Intake intake, Hydration hydration) {
        this.intake = intake;
        this.hydration = hydration;
    }

    @Incoming("opt-ins")
    Uni<Void> read(ConsumerRecords<String, byte[]> records) {
        List<ConsumerRecord<String, byte[]>> consents =
                StreamSupport.stream(records.spliterator(), false)
                        .filter(OptIns::isConsent)
                        .toList();
        return consents.isEmpty()
                ? Uni.createFrom().voidItem()
                : intake.process(CONSUMER, consents, this::putInForce);
    }

    private Uni<Void> putInForce(SqlConnection tx, List<Envelope<?>> events) {
        List<CustomerId> customers =
                events.stream()
                        .map(Envelope::data)
                        .filter(ConsentChanged.class::isInstance)
                        .map(ConsentChanged.class::cast)
                        .filter(consent -> consent.state() == ConsentState.OPTED_IN)
                        .map(ConsentChanged::customer)
                        .distinct()
                        .toList();
        return customers.isEmpty()
                ? Uni.createFrom().voidItem()
                : hydration.hydrate(tx, customers).replaceWithVoid();
    }

    /** By the header, since most of the stream is about other things. */
    private static boolean isConsent(ConsumerRecord<String, byte[]> record) {
        Header type = record.headers().lastHeader(EventCodec.TYPE);
        return type != null && Arrays.equals(type.value(), TYPE);
    }
}
