package io.throughline.governance.policy;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.reactive.messaging.annotations.Blocking;
import io.throughline.contracts.PassedOver;
import io.throughline.contracts.json.EventCodec;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The contact policy and the conversion rules in force. Every process reads the whole of {@code
 * throughline.policies} at every start and then follows it, in a consumer group of its own; until
 * what was there at the start has been read, the service is not ready, nor while a part of it could
 * not take what is newest.
 */
@ApplicationScoped
public class PublishedPolicies {

    static final String CHANNEL = "policies";

    private static final Logger LOG = Logger.getLogger(PublishedPolicies.class);

    /** After which those are told again who failed. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final EventCodec codec = new EventCodec();
    private final CatchUp catchUp = new CatchUp();
    private final Followers followers;
    private final Event<PassedOver> unreadable;
    private final Vertx vertx;
    private final AtomicBoolean retrying = new AtomicBoolean();
    private volatile PolicyBook book = PolicyBook.EMPTY;

    /** Whether what was there at the start was ever in force everywhere in this process. */
    private volatile boolean begun;

    PublishedPolicies(
            @Any Instance<PoliciesFollower> followers,
            Event<PassedOver> unreadable,
            Vertx vertx,
            MeterRegistry metrics) {
        this.followers = new Followers(() -> byName(followers));
        this.unreadable = unreadable;
        this.vertx = vertx;
        metrics.gauge("throughline.policy.version", this, p -> p.contactPolicy().version());
    }

    private static Map<String, PoliciesFollower> byName(Instance<PoliciesFollower> followers) {
        Map<String, PoliciesFollower> byName = new TreeMap<>();
        for (Instance.Handle<PoliciesFollower> one : followers.handles()) {
            byName.put(
                    one.getBean().getBeanClass().getSimpleName(),
                    change -> one.get().follow(change));
        }
        return byName;
    }

    public ContactPolicy contactPolicy() {
        return book.contactPolicy();
    }

    /** Of every journey that has any, in the order of journey keys. */
    public List<ConversionRulesPublished> conversions() {
        return book.conversions();
    }

    /**
     * Whether what was on the topic at the start has been read, and taken by everybody who makes
     * something of it; before that nothing may be decided by what stands here, least of all by a
     * consumer that started together with this one. Who cannot take a later change goes on by what
     * it has, and only the readiness says so.
     */
    public boolean caughtUp() {
        return catchUp.done() && (begun || followers.behind().isEmpty());
    }

    @Incoming(CHANNEL)
    @Blocking
    void read(ConsumerRecords<String, byte[]> published) {
        PolicyBook next = book;
        for (ConsumerRecord<String, byte[]> one : published) {
            next = readable(next, one);
        }
        if (!next.equals(book)) {
            followers.tell(new PoliciesChanged(next.contactPolicy(), next.conversions()));
            book = next;
        }
        published.forEach(one -> catchUp.read(one.partition(), one.offset()));
        taken();
    }

    private void taken() {
        if (!followers.behind().isEmpty()) {
            retryLater();
        } else if (catchUp.done()) {
            begun = true;
        }
    }

    /** Never more than one at a time, however much is published meanwhile. */
    private void retryLater() {
        if (retrying.compareAndSet(false, true)) {
            vertx.setTimer(PAUSE.toMillis(), timer -> vertx.executeBlocking(this::retry, false));
        }
    }

    private @Nullable Void retry() {
        retrying.set(false);
        followers.tellAgain();
        taken();
        return null;
    }

    /** Whatever is wrong with one record, those beside it come into force. */
    private PolicyBook readable(PolicyBook before, ConsumerRecord<String, byte[]> published) {
        try {
            return with(before, published);
        } catch (RuntimeException | StackOverflowError failure) {
            LOG.errorf(
                    failure,
                    "record %d of %s-%d is passed over; publish that policy again",
                    published.offset(),
                    published.topic(),
                    published.partition());
            return before;
        }
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

    /** Who has not taken what is in force, and why; for people. */
    Map<String, String> behind() {
        return followers.behind();
    }
}
