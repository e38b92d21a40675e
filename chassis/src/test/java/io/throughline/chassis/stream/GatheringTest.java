package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GatheringTest {

    private static final TopicPartition PARTITION = new TopicPartition("topic", 0);

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Batch> begun = new LinkedBlockingQueue<>();
    private final List<Integer> acknowledged = new CopyOnWriteArrayList<>();
    private final List<Integer> refused = new CopyOnWriteArrayList<>();
    private final Gathering gathering =
            new Gathering(
                    vertx,
                    records ->
                            Uni.createFrom()
                                    .emitter(end -> begun.add(new Batch(keys(records), end))));
    private int next;

    /** What is being applied, until it is told to end. */
    private record Batch(List<String> keys, UniEmitter<? super Void> end) {}

    /** As {@link StagesAlone} does in a service. */
    @BeforeAll
    static void stagesAlone() {
        Infrastructure.clearInterceptors();
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void theNextBatchIsAllThatCameMeanwhile() throws InterruptedException {
        take(1);
        Batch first = begun();
        take(2);
        take(1);
        take(3);
        assertThat(first.keys()).containsExactly("0-0");
        assertThat(acknowledged).isEmpty();
        first.end().complete(null);
        Batch second = begun();
        assertThat(second.keys()).containsExactly("1-0", "1-1", "2-0", "3-0", "3-1", "3-2");
        assertThat(acknowledged).containsExactly(0);
        second.end().complete(null);
        await().untilAsserted(() -> assertThat(acknowledged).containsExactly(0, 1, 2, 3));
        assertThat(begun).isEmpty();
    }

    @Test
    void aBatchIsBoundedAndSoIsWhatWaits() throws InterruptedException {
        take(1);
        Batch first = begun();
        List<AtomicBoolean> taken = IntStream.range(0, 4).mapToObj(i -> take(250)).toList();
        assertThat(taken).extracting(AtomicBoolean::get).containsExactly(true, true, true, false);
        first.end().complete(null);
        Batch second = begun();
        assertThat(second.keys()).hasSize(500);
        await().until(() -> taken.getLast().get());
        second.end().complete(null);
        assertThat(begun().keys()).hasSize(500);
    }

    @Test
    void whatCouldNotBeAppliedIsNotAcknowledged() throws InterruptedException {
        take(1);
        Batch first = begun();
        take(1);
        first.end().fail(new IllegalStateException("the process ends"));
        begun().end().complete(null);
        await().untilAsserted(() -> assertThat(acknowledged).containsExactly(1));
        assertThat(refused).containsExactly(0);
    }

    private AtomicBoolean take(int records) {
        int number = next++;
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            found.add(new ConsumerRecord<>("topic", 0, i, number + "-" + i, new byte[0]));
        }
        Message<ConsumerRecords<String, byte[]>> poll =
                Message.of(
                        new ConsumerRecords<>(Map.of(PARTITION, found), Map.of()),
                        () -> {
                            acknowledged.add(number);
                            return CompletableFuture.completedFuture(null);
                        },
                        failure -> {
                            refused.add(number);
                            return CompletableFuture.completedFuture(null);
                        });
        AtomicBoolean taken = new AtomicBoolean();
        gathering.take(poll).subscribe().with(ignored -> taken.set(true));
        return taken;
    }

    private Batch begun() throws InterruptedException {
        Batch batch = begun.poll(10, TimeUnit.SECONDS);
        assertThat(batch).isNotNull();
        return batch;
    }

    private static List<String> keys(Iterable<ConsumerRecord<String, byte[]>> records) {
        List<String> keys = new ArrayList<>();
        records.forEach(record -> keys.add(record.key()));
        return keys;
    }
}
