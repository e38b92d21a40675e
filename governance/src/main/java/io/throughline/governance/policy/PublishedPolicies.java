package io.throughline.governance.policy;

import io.smallrye.reactive.messaging.annotations.Blocking;
import io.throughline.contracts.PassedOver;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * The contact policy and the conversion rules in force. Every process reads the whole of {@code
 * throughline.policies} at every start and then follows it, in a consumer group of its own; until
 * what was there at the start has been read, the service is not ready.
 */
@ApplicationScoped
public class PublishedPolicies {

    static final String CHANNEL = "policies";

    private static final Logger LOG = Logger.getLogger(PublishedPolicies.class);

    private final EventCodec codec = new EventCodec();
    private final CatchUp catchUp = new CatchUp();
    private final Event<PoliciesChanged> changes;
    private final Event<PassedOver> unreadable;
    private volatile PolicyBook book = PolicyBook.EMPTY;

    PublishedPolicies(Event<PoliciesChanged> changes, Event<PassedOver> unreadable) {
        this.changes = changes;
        this.unreadable = unreadable;
    }

    public ContactPolicy contactPolicy() {
        return book.contactPolicy();
    }

    /** Of every journey that has any, in the order of journey keys. */
    public List<ConversionRulesPublished> conversions() {
        return book.conversions();
    }

    /**
     * Whether what was on the topic at the start has been read; before that nothing may be decided
     * by what stands here, least of all by a consumer that started together with this one.
     */
    public boolean caughtUp() {
        return catchUp.done();
    }

    @Incoming(CHANNEL)
    @Blocking
    void read(ConsumerRecords<String, byte[]> published) {
        PolicyBook next = book;
        for (ConsumerRecord<String, byte[]> one : published) {
            next = with(next, one);
        }
        if (!next.equals(book)) {
            changes.fire(new PoliciesChanged(next.contactPolicy(), next.conversions()));
            book = next;
        }
        published.forEach(one -> catchUp.read(one.partition(), one.offset()));
    }

    private PolicyBook with(PolicyBook before, ConsumerRecord<String, byte[]> published) {
        Map<String, String> headers = headers(published);
        return switch (codec.decode(headers, published.value())) {
            case EventCodec.Read(var envelope) when envelope.data() instanceof PolicyEvent event ->
                    before.with(event);
            case EventCodec.Read(var envelope) -> {
                passOver(
                        published,
                        headers,
                        envelope.data().getClass().getSimpleName() + " is no policy");
                yield before;
            }
            case EventCodec.Unreadable(String reason) -> {
                passOver(published, headers, reason);
                yield before;
            }
        };
    }

    /** It stays on the topic, which is compacted, and is passed over again at every start. */
    private void passOver(
            ConsumerRecord<String, byte[]> published, Map<String, String> headers, String reason) {
        LOG.warnf(
                "record %d of %s-%d cannot be read: %s; publish that policy again",
                published.offset(), published.topic(), published.partition(), reason);
        unreadable.fire(
                new PassedOver(
                        published.topic(),
                        published.partition(),
                        published.offset(),
                        published.key(),
                        headers,
                        published.value() == null ? null : ByteBuffer.wrap(published.value()),
                        reason));
    }

    private static Map<String, String> headers(ConsumerRecord<String, byte[]> published) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : published.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return headers;
    }

    CatchUp catchUp() {
        return catchUp;
    }
}
