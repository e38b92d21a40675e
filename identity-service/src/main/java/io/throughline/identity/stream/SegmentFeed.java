package io.throughline.identity.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Faults;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.json.EventCodec;
import io.throughline.identity.registry.Segmenting;
import io.throughline.identity.registry.SegmentsInForce;
import io.throughline.identity.segment.Segments;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Identity's own stream once more, for the segments. A record that touches none of them is told by
 * its header and its first fields, and costs nothing else: not a statement, not an entry in the
 * inbox. Without segments nothing is read at all.
 */
@ApplicationScoped
class SegmentFeed {

    private static final String CONSUMER = "segments";
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);
    private static final JsonFactory JSON = ContractJson.mapper().getFactory();

    private static final String BEHAVIOUR = EventTypes.typeOf(BehaviourRecorded.class);
    private static final String PROFILE = EventTypes.typeOf(ProfileChanged.class);
    private static final String CONSENT = EventTypes.typeOf(ConsentChanged.class);
    private static final String MERGE = EventTypes.typeOf(CustomersMerged.class);
    private static final String UNLINK = EventTypes.typeOf(IdentifiersUnlinked.class);

    private final Gathering batches;
    private final Intake intake;
    private final SegmentsInForce inForce;
    private final Segmenting segmenting;

    SegmentFeed(Vertx vertx, Intake intake, SegmentsInForce inForce, Segmenting segmenting) {
        this.batches = new Gathering(vertx, this::take);
        this.intake = intake;
        this.inForce = inForce;
        this.segmenting = segmenting;
    }

    @Incoming("segments")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> read(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> take(Iterable<ConsumerRecord<String, byte[]>> records) {
        return Uni.createFrom()
                .deferred(inForce::fresh)
                .onFailure(Faults::passes)
                .retry()
                .withBackOff(FIRST_BACKOFF, MAX_BACKOFF)
                .indefinitely()
                .map(segments -> touching(segments, records))
                .chain(touching ->
                        touching.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : intake.process(CONSUMER, touching, this::apply));
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> envelopes) {
        return segmenting.apply(
                tx,
                envelopes.stream()
                        .map(Envelope::data)
                        .filter(CustomerEvent.class::isInstance)
                        .map(CustomerEvent.class::cast)
                        .toList());
    }

    private static List<ConsumerRecord<String, byte[]>> touching(
            Segments segments, Iterable<ConsumerRecord<String, byte[]>> records) {
        List<ConsumerRecord<String, byte[]>> touching = new ArrayList<>();
        if (!segments.isEmpty()) {
            for (ConsumerRecord<String, byte[]> record : records) {
                if (touches(segments, record)) {
                    touching.add(record);
                }
            }
        }
        return touching;
    }

    /** Only the types that change what segments ask about; the others are somebody else's. */
    private static boolean touches(Segments segments, ConsumerRecord<String, byte[]> record) {
        Header header = record.headers().lastHeader(EventCodec.TYPE);
        String type =
                header == null || header.value() == null
                        ? ""
                        : new String(header.value(), StandardCharsets.UTF_8);
        if (type.equals(BEHAVIOUR)) {
            return !segments.touchedByEvent(nameOf(record.value())).isEmpty();
        }
        if (type.equals(PROFILE)) {
            return !segments.touchedByProfile().isEmpty();
        }
        if (type.equals(CONSENT)) {
            return !segments.touchedByConsent().isEmpty();
        }
        return type.equals(MERGE) || type.equals(UNLINK);
    }

    /** Empty where there is none, or the record cannot be read: other readers report that. */
    private static String nameOf(byte[] behaviour) {
        if (behaviour == null) {
            return "";
        }
        try (JsonParser parser = JSON.createParser(behaviour)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "";
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals("name")) {
                    return value == JsonToken.VALUE_STRING ? parser.getText() : "";
                }
                parser.skipChildren();
            }
            return "";
        } catch (IOException unreadable) {
            return "";
        }
    }
}
