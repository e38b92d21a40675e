package io.throughline.chassis.stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.json.EventCodec;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;

/**
 * The way in for every batch of records: decode, dead-letter what cannot be read, apply the rest
 * once in one transaction. Never fails: it waits while the surroundings are away, and isolates a
 * record that cannot be applied.
 */
@ApplicationScoped
public class Intake {

    private static final Logger LOG = Logger.getLogger(Intake.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

    /**
     * A fault that is not recognised as passing is given this many tries before the record is set
     * aside.
     */
    private static final int TRIES_ALONE = 3;

    private final EventCodec codec = new EventCodec();
    private final Transactions transactions;
    private final Inbox inbox;
    private final Gone gone;
    private final DeadLetters deadLetters;
    private final MeterRegistry metrics;

    Intake(
            Transactions transactions,
            Inbox inbox,
            Gone gone,
            DeadLetters deadLetters,
            MeterRegistry metrics) {
        this.transactions = transactions;
        this.inbox = inbox;
        this.gone = gone;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
    }

    private record Decoded(ConsumerRecord<String, byte[]> record, Envelope<?> envelope) {}

    private record Rejected(ConsumerRecord<String, byte[]> record, String reason) {}

    /** Applies a batch under the topic's name as the consumer's. */
    public Uni<Void> process(
            Iterable<ConsumerRecord<String, byte[]>> records, BatchHandler handler) {
        Iterator<ConsumerRecord<String, byte[]>> first = records.iterator();
        return first.hasNext()
                ? process(first.next().topic(), records, handler)
                : Uni.createFrom().voidItem();
    }

    /**
     * Applies a batch.
     *
     * @param consumer tells apart two consumers of one topic within a service; stable over versions
     */
    public Uni<Void> process(
            String consumer,
            Iterable<ConsumerRecord<String, byte[]>> records,
            BatchHandler handler) {
        return process(consumer, records, (record, envelope) -> Optional.empty(), handler);
    }

    /**
     * Applies a batch of a compacted topic, where a record without a value is a tombstone and
     * nothing to apply, under the topic's name as the consumer's.
     *
     * @param objection why a record that can be read is set aside all the same; empty where it is
     *     not
     */
    public Uni<Void> processCompacted(
            Iterable<ConsumerRecord<String, byte[]>> records,
            BiFunction<ConsumerRecord<String, byte[]>, Envelope<?>, Optional<String>> objection,
            BatchHandler handler) {
        List<ConsumerRecord<String, byte[]>> saying = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.value() != null) {
                saying.add(record);
            }
        }
        return saying.isEmpty()
                ? Uni.createFrom().voidItem()
                : process(saying.getFirst().topic(), saying, objection, handler);
    }

    private Uni<Void> process(
            String consumer,
            Iterable<ConsumerRecord<String, byte[]>> records,
            BiFunction<ConsumerRecord<String, byte[]>, Envelope<?>, Optional<String>> objection,
            BatchHandler handler) {
        List<Decoded> readable = new ArrayList<>();
        List<Rejected> rejected = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            switch (codec.decode(headersOf(record), record.value())) {
                case EventCodec.Read(Envelope<?> envelope) ->
                        objection
                                .apply(record, envelope)
                                .ifPresentOrElse(
                                        reason -> rejected.add(new Rejected(record, reason)),
                                        () -> readable.add(new Decoded(record, envelope)));
                case EventCodec.Unreadable(String reason) ->
                        rejected.add(new Rejected(record, reason));
            }
        }
        return setAside(rejected).chain(() -> applyAll(consumer, readable, handler));
    }

    private Uni<Void> setAside(List<Rejected> records) {
        return Multi.createFrom()
                .iterable(records)
                .onItem()
                .transformToUniAndConcatenate(bad -> setAside(bad.record(), bad.reason()))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> setAside(ConsumerRecord<String, byte[]> record, String reason) {
        return untilItPasses(deadLetters.add(record, reason));
    }

    private Uni<Void> applyAll(String consumer, List<Decoded> records, BatchHandler handler) {
        if (records.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Envelope<?>> events = records.stream().<Envelope<?>>map(Decoded::envelope).toList();
        return untilItPasses(apply(consumer, events, handler))
                .invoke(() -> count(records))
                .onFailure()
                .recoverWithUni(failure -> oneByOne(consumer, records, handler, failure));
    }

    private Uni<Void> oneByOne(
            String consumer, List<Decoded> records, BatchHandler handler, Throwable failure) {
        if (records.size() > 1) {
            LOG.warnf(
                    "a batch of %d cannot be applied, going record by record: %s",
                    records.size(), failure);
        }
        return Multi.createFrom()
                .iterable(records)
                .onItem()
                .transformToUniAndConcatenate(record -> applyAlone(consumer, record, handler))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> applyAlone(String consumer, Decoded readable, BatchHandler handler) {
        return untilItPasses(apply(consumer, List.of(readable.envelope()), handler))
                .onFailure()
                .retry()
                .withBackOff(FIRST_BACKOFF, MAX_BACKOFF)
                .atMost(TRIES_ALONE)
                .invoke(() -> count(List.of(readable)))
                .onFailure()
                .recoverWithUni(failure -> setAside(readable.record(), reasonOf(failure)));
    }

    private Uni<Void> apply(String consumer, List<Envelope<?>> events, BatchHandler handler) {
        return Uni.createFrom()
                .deferred(() ->
                        transactions.inTransaction(
                                tx -> applyUnseen(tx, consumer, events, handler)));
    }

    private Uni<Void> applyUnseen(
            SqlConnection tx, String consumer, List<Envelope<?>> events, BatchHandler handler) {
        return inbox.unseen(tx, consumer, events)
                .chain(unseen ->
                        unseen.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : gone.guard(tx, unseen, handler));
    }

    static Uni<Void> untilItPasses(Uni<Void> work) {
        return work.onFailure(Faults::passes)
                .invoke(failure -> LOG.warnf("waiting for the surroundings: %s", failure))
                .onFailure(Faults::passes)
                .retry()
                .withBackOff(FIRST_BACKOFF, MAX_BACKOFF)
                .indefinitely();
    }

    private void count(List<Decoded> records) {
        metrics.counter("throughline.events.applied", "topic", records.getFirst().record().topic())
                .increment(records.size());
    }

    /** The root, since that is what an operator can act on. */
    private static String reasonOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    static Map<String, String> headersOf(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers()
                .forEach(header -> {
                    if (header.value() != null) {
                        headers.put(header.key(), text(header));
                    }
                });
        return headers;
    }

    static String text(Header header) {
        return new String(header.value(), StandardCharsets.UTF_8);
    }
}
