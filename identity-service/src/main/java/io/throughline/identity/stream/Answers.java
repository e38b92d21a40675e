package io.throughline.identity.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.chassis.stream.Reassignments;
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
import io.throughline.identity.registry.ErasedBefore;
import io.throughline.identity.store.Consent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
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
    private final MessageHistory history;
    private final ErasedBefore erased;
    private final Reassignments reassignments;

    Answers(
            Vertx vertx,
            Intake intake,
            ConsentBook consents,
            MessageHistory history,
            ErasedBefore erased,
            Reassignments reassignments) {
        this.batches = new Gathering(vertx, records -> intake.process(records, this::apply));
        this.consents = consents;
        this.history = history;
        this.erased = erased;
        this.reassignments = reassignments;
    }

    @Incoming("lifecycle")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> read(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> envelopes) {
        List<MessageEvent> all =
                envelopes.stream()
                        .map(Envelope::data)
                        .filter(MessageEvent.class::isInstance)
                        .map(MessageEvent.class::cast)
                        .toList();
        return reassignments
                .heed(tx, envelopes)
                .chain(() -> ofThoseWhoAreThere(tx, all))
                .chain(events -> note(tx, events).chain(() -> history.append(tx, events)));
    }

    /** What an address said before its customer was erased is dropped, whoever has it now. */
    private Uni<List<MessageEvent>> ofThoseWhoAreThere(
            SqlConnection tx, List<MessageEvent> events) {
        List<MessageEvent.FromAddress> answers =
                events.stream()
                        .filter(MessageEvent.FromAddress.class::isInstance)
                        .map(MessageEvent.FromAddress.class::cast)
                        .toList();
        return erased.of(tx, answers, Answers::named, MessageEvent::at)
                .map(before -> events.stream().filter(e -> !before.contains(e)).toList());
    }

    private static List<Identifier> named(MessageEvent.FromAddress answer) {
        return Identifiers.ofAddress(answer.channel(), answer.address()).stream().toList();
    }

    private Uni<Void> note(SqlConnection tx, List<MessageEvent> events) {
        List<Consent> said =
                events.stream()
                        .filter(MessageEvent.FromAddress.class::isInstance)
                        .map(MessageEvent.FromAddress.class::cast)
                        .map(Answers::consent)
                        .filter(Objects::nonNull)
                        .toList();
        return said.isEmpty() ? Uni.createFrom().voidItem() : consents.note(tx, said);
    }

    private static @Nullable Consent consent(MessageEvent.FromAddress answer) {
        return switch (answer) {
            case MessageEvent.Unsubscribed u ->
                    consent(
                            u,
                            u.topic(),
                            ConsentState.OPTED_OUT,
                            u.means(),
                            Evidence.ofAnswer(u.evidence(), text(u.message())));
            case MessageEvent.Complained c ->
                    consent(
                            c,
                            null,
                            ConsentState.OPTED_OUT,
                            "complaint",
                            Evidence.ofAnswer(null, text(c.message())));
            case MessageEvent.StopInForce told -> null;
            case MessageEvent.Replied r ->
                    r.keyword() != null && OPT_IN_KEYWORDS.contains(r.keyword())
                            ? consent(
                                    r,
                                    null,
                                    ConsentState.OPTED_IN,
                                    "keyword",
                                    Evidence.ofKeyword(r.keyword(), text(r.message())))
                            : null;
        };
    }

    private static @Nullable String text(@Nullable MessageId message) {
        return message == null ? null : message.toString();
    }

    private static Consent consent(
            MessageEvent.FromAddress answer,
            @Nullable String topic,
            ConsentState state,
            String source,
            Evidence evidence) {
        CustomerId customer = answer.customer();
        Channel channel = answer.channel();
        Identifier identifier = Identifiers.ofAddress(channel, answer.address()).orElse(null);
        String address = identifier == null ? answer.address() : identifier.value();
        Instant at = answer.at().truncatedTo(ChronoUnit.MILLIS);
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
