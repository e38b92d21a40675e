package io.throughline.chassis.stream;

import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes one batch of all that comes while the batch before it is applied. A batch costs about the
 * same whether it is one record or a hundred, and a busy consumer would otherwise be handed what
 * each poll happened to find; so it is the load that makes batches larger, and no waiting.
 *
 * <p>One for each channel. Batches are applied one after the other, in the order of the records; a
 * poll's records are acknowledged when the batch they are part of has been applied. What waits is
 * bounded, after that the channel's polls wait.
 */
public final class Gathering {

    private static final Logger LOG = Logger.getLogger(Gathering.class);

    /** Polls are not taken apart, so a batch is up to twice as large. */
    private static final int ENOUGH = 500;

    private static final int MOST_WAITING = 1000;

    private final Context context;
    private final Function<Iterable<ConsumerRecord<String, byte[]>>, Uni<Void>> work;

    private final Deque<Message<ConsumerRecords<String, byte[]>>> waiting = new ArrayDeque<>();
    private int records;
    private boolean working;
    private @Nullable Runnable heldUp;

    /**
     * @param work applies a batch; never fails but when the process ends
     */
    public Gathering(
            Vertx vertx, Function<Iterable<ConsumerRecord<String, byte[]>>, Uni<Void>> work) {
        this.context = vertx.getOrCreateContext();
        this.work = work;
    }

    /** Takes what a poll found; is done when the next may come, which is mostly at once. */
    public Uni<Void> take(Message<ConsumerRecords<String, byte[]>> poll) {
        synchronized (this) {
            waiting.addLast(poll);
            records += poll.getPayload().count();
            if (!working) {
                working = true;
                soon();
            }
            return records < MOST_WAITING
                    ? Uni.createFrom().voidItem()
                    : Uni.createFrom().emitter(emitter -> holdUp(() -> emitter.complete(null)));
        }
    }

    private void holdUp(Runnable goOn) {
        synchronized (this) {
            if (records >= MOST_WAITING) {
                heldUp = goOn;
                return;
            }
        }
        goOn.run();
    }

    private void soon() {
        Context fresh = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(context));
        fresh.runOnContext(ignored -> applyNext());
    }

    private void applyNext() {
        List<Message<ConsumerRecords<String, byte[]>>> polls = new ArrayList<>();
        Runnable free = null;
        synchronized (this) {
            int size = 0;
            while (!waiting.isEmpty() && size < ENOUGH) {
                Message<ConsumerRecords<String, byte[]>> poll = waiting.removeFirst();
                size += poll.getPayload().count();
                polls.add(poll);
            }
            records -= size;
            if (records < MOST_WAITING) {
                free = heldUp;
                heldUp = null;
            }
        }
        if (free != null) {
            free.run();
        }
        apply(polls);
    }

    private void apply(List<Message<ConsumerRecords<String, byte[]>>> polls) {
        List<ConsumerRecord<String, byte[]>> batch = new ArrayList<>();
        polls.forEach(poll -> poll.getPayload().forEach(batch::add));
        Uni.createFrom()
                .deferred(() -> work.apply(batch))
                .subscribe()
                .with(
                        ignored -> {
                            polls.forEach(Message::ack);
                            goOn();
                        },
                        failure -> {
                            LOG.errorf(failure, "%d records could not be applied", batch.size());
                            polls.forEach(poll -> poll.nack(failure));
                            goOn();
                        });
    }

    private synchronized void goOn() {
        if (waiting.isEmpty()) {
            working = false;
        } else {
            soon();
        }
    }
}
