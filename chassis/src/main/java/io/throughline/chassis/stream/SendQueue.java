package io.throughline.chassis.stream;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Lists of records that wait for the producer, in the order in which they came. {@code
 * KafkaProducer.send} blocks while it has no metadata or its buffer is full, so it is called on a
 * thread of its own; what waits for that thread is bounded by its bytes.
 */
final class SendQueue implements AutoCloseable {

    private static final Outcome WRITTEN = new Outcome.Written();

    /** What a record takes beside its value: its headers and the objects around it. */
    private static final long OVERHEAD = 512;

    private final Producer<String, byte[]> producer;
    private final long maxBytes;
    private final AtomicLong waiting = new AtomicLong();
    private final Queue<Sending> queued = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isDraining = new AtomicBoolean();
    private final ExecutorService sender =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("event-publisher").daemon().factory());

    /**
     * @param maxBytes of what waits; a list that is larger by itself is taken where nothing else
     *     waits
     */
    SendQueue(Producer<String, byte[]> producer, long maxBytes) {
        this.producer = producer;
        this.maxBytes = maxBytes;
    }

    /**
     * Tells of each record what became of it, in their order. After one that failed, and not
     * because of its size, none is begun any more, and neither after a cancellation.
     */
    Uni<List<Outcome>> send(List<ProducerRecord<String, byte[]>> records) {
        return Uni.createFrom().emitter(emitter -> enqueue(new Sending(records, emitter)));
    }

    long waitingBytes() {
        return waiting.get();
    }

    @Override
    public void close() {
        sender.shutdown();
    }

    private void enqueue(Sending sending) {
        long now = waiting.addAndGet(sending.size());
        if (now > maxBytes && now > sending.size()) {
            waiting.addAndGet(-sending.size());
            sending.refuse();
            return;
        }
        sending.heedCancellation();
        queued.add(sending);
        drainLater();
    }

    /** The thread is woken once for all that comes while it is at work. */
    private void drainLater() {
        if (isDraining.compareAndSet(false, true)) {
            try {
                sender.execute(this::drain);
            } catch (RejectedExecutionException closed) {
                drain();
            }
        }
    }

    private void drain() {
        try {
            for (Sending next = queued.poll(); next != null; next = queued.poll()) {
                sendAll(next);
            }
        } finally {
            isDraining.set(false);
            if (!queued.isEmpty()) {
                drainLater();
            }
        }
    }

    private void sendAll(Sending sending) {
        try {
            sending.sendAll();
        } finally {
            waiting.addAndGet(-sending.size());
        }
    }

    private static long sizeOf(List<ProducerRecord<String, byte[]>> records) {
        long size = 0;
        for (ProducerRecord<String, byte[]> record : records) {
            size += OVERHEAD + (record.value() == null ? 0 : record.value().length);
        }
        return size;
    }

    /** Gathers the outcomes of records on their way; tells them once all have answered. */
    private final class Sending {

        private final List<ProducerRecord<String, byte[]>> records;
        private final UniEmitter<? super List<Outcome>> emitter;
        private final AtomicReferenceArray<@Nullable Outcome> outcomes;
        private final AtomicInteger left;
        private final long size;
        private volatile @Nullable Throwable failure;
        private volatile boolean givenUp;

        Sending(
                List<ProducerRecord<String, byte[]>> records,
                UniEmitter<? super List<Outcome>> emitter) {
            this.records = records;
            this.emitter = emitter;
            this.outcomes = new AtomicReferenceArray<>(records.size());
            this.left = new AtomicInteger(records.size());
            this.size = sizeOf(records);
        }

        void refuse() {
            emitter.fail(
                    new SurroundingsFault(
                            "the brokers do not keep up: more than "
                                    + maxBytes
                                    + " bytes wait for them"));
        }

        void heedCancellation() {
            emitter.onTermination(() -> givenUp = true);
        }

        long size() {
            return size;
        }

        void sendAll() {
            for (int i = 0; i < records.size(); i++) {
                Throwable before = failure;
                if (givenUp) {
                    done(i, new CancellationException("nobody waits for it any more"));
                } else if (before != null) {
                    done(i, before);
                } else {
                    send(i);
                }
            }
        }

        private void send(int index) {
            try {
                // The callback hears of every outcome that the future would tell.
                Future<?> _ =
                        producer.send(
                                records.get(index), (metadata, failed) -> done(index, failed));
            } catch (RuntimeException failed) {
                done(index, failed);
            }
        }

        private void done(int index, @Nullable Throwable failed) {
            Outcome outcome = outcome(failed);
            if (outcome instanceof Outcome.Failed(Throwable cause)) {
                failure = cause;
            }
            outcomes.set(index, outcome);
            if (left.decrementAndGet() == 0) {
                emitter.complete(all());
            }
        }

        private List<Outcome> all() {
            List<Outcome> all = new ArrayList<>(records.size());
            for (int i = 0; i < records.size(); i++) {
                all.add(Objects.requireNonNull(outcomes.get(i)));
            }
            return all;
        }

        private static Outcome outcome(@Nullable Throwable failed) {
            return switch (failed) {
                case null -> WRITTEN;
                case RecordTooLargeException refusal -> new Outcome.TooLarge(refusal);
                case RecordBatchTooLargeException refusal -> new Outcome.TooLarge(refusal);
                default -> new Outcome.Failed(failed);
            };
        }
    }
}
