package io.throughline.identity.stream;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.identity.consent.Evidence;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.registry.ConsentBook;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.TimelineEntry;
import io.throughline.identity.store.TimelineStore;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jspecify.annotations.Nullable;

/**
 * What became of messages, for the histories, and what customers answered to them, as far as it is
 * a consent: the channel service has put a stop in force already, here it comes into the ledger.
 */
@ApplicationScoped
class Answers {

    /**
     * Keywords that take a stop back. YES, which some carriers count among them, answers a
     * question, and none is asked.
     */
    private static final Set<String> OPT_IN_KEYWORDS = Set.of("START", "UNSTOP");

    private static final String RECORDED_BY = "channel";

    private final Gathering batches;
    private final ConsentBook consents;
    private final TimelineStore timeline;

    Answers(Vertx vertx, Intake intake, ConsentBook consents, TimelineStore timeline) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.consents = consents;
        this.timeline = timeline;
    }

    @Incoming("lifecycle")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> read(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> envelopes) {
        return timeline.append(tx, history(envelopes)).chain(() -> note(tx, envelopes));
    }

    private static List<TimelineEntry> history(List<Envelope<?>> envelopes) {
        return envelopes.stream()
                .map(Envelope::data)
                .filter(MessageEvent.class::isInstance)
                .map(MessageEvent.class::cast)
                .flatMap(event -> MessageHistory.entry(event).stream())
                .toList();
    }

    private Uni<Void> note(SqlConnection tx, List<Envelope<?>> envelopes) {
        return Multi.createFrom()
                .iterable(envelopes)
                .onItem()
                .transformToUniAndConcatenate(envelope -> apply(tx, envelope))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> apply(SqlConnection tx, Envelope<?> envelope) {
        return envelope.data() instanceof MessageEvent.FromAddress answer
                ? apply(tx, answer)
                : Uni.createFrom().voidItem();
    }

    private Uni<Void> apply(SqlConnection tx, MessageEvent.FromAddress answer) {
        Consent consent = consent(answer);
        return consent == null ? Uni.createFrom().voidItem() : consents.note(tx, consent);
    }

    private static @Nullable Consent consent(MessageEvent.FromAddress answer) {
        return switch (answer) {
            case MessageEvent.Unsubscribed u ->
                    consent(u, u.topic(), ConsentState.OPTED_OUT, u.means(), u.evidence());
            case MessageEvent.Complained c ->
                    consent(c, null, ConsentState.OPTED_OUT, "complaint", null);
            case MessageEvent.Replied r ->
                    r.keyword() != null && OPT_IN_KEYWORDS.contains(r.keyword())
                            ? consent(r, null, ConsentState.OPTED_IN, "keyword", r.keyword())
                            : null;
        };
    }

    private static Consent consent(
            MessageEvent.FromAddress answer,
            @Nullable String topic,
            ConsentState state,
            String source,
            @Nullable String words) {
        CustomerId customer = answer.customer();
        Channel channel = answer.channel();
        Identifier identifier = Identifiers.ofAddress(channel, answer.address()).orElse(null);
        String address = identifier == null ? answer.address() : identifier.value();
        Instant at = answer.at().truncatedTo(ChronoUnit.MILLIS);
        MessageId message = answer.message();
        Evidence evidence = Evidence.ofAnswer(words, message == null ? null : message.toString());
        return new Consent(
                customer,
                identifier,
                channel,
                topic,
                state,
                address,
                Provenance.of(source, evidence, RECORDED_BY),
                at);
    }
}
