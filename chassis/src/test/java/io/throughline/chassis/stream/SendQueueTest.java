package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendQueueTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int MAX = 10_000;

    private final SlowBrokers brokers = new SlowBrokers();
    private final SendQueue queue = new SendQueue(brokers, MAX);

    /** Takes a record only where it is let, as a producer without metadata does. */
    private static final class SlowBrokers extends MockProducer<String, byte[]> {

        private final Semaphore lets = new Semaphore(0);

        SlowBrokers() {
            super(true, null, new StringSerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<String, byte[]> record, Callback callback) {
            lets.acquireUninterruptibly();
            return switch (record.key()) {
                case "too large" -> throw new RecordTooLargeException("larger than allowed");
                case "away" -> throw new TimeoutException("no metadata");
                default -> super.send(record, callback);
            };
        }
    }

    @AfterEach
    void close() {
        brokers.lets.release(1_000);
        queue.close();
    }

    @Test
    void whatDoesNotFitFailsAtOnceAsAFaultThatPasses() {
        var first = send("a", 4_000);
        send("b", 4_000);
        var refused = send("c", 4_000);
        assertThat(Faults.passes(refused.awaitFailure(SOON).getFailure())).isTrue();

        brokers.lets.release(2);
        first.awaitItem(SOON);
        await().atMost(SOON).until(() -> queue.waitingBytes() == 0);
        var later = send("d", 4_000);
        brokers.lets.release();
        later.awaitItem(SOON);
        assertThat(written()).containsExactly("a", "b", "d");
    }

    @Test
    void aListLargerThanTheQueueIsTakenWhereNothingElseWaits() {
        var large = send("a", 2 * MAX);
        brokers.lets.release();
        large.awaitItem(SOON);
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsNotSent() {
        var first = send("a", 1);
        var givenUp = send("b", 1);
        var second = send("c", 1);
        givenUp.cancel();
        brokers.lets.release(1_000);
        first.awaitItem(SOON);
        second.awaitItem(SOON);
        assertThat(written()).containsExactly("a", "c");
    }

    @Test
    void whatIsGivenUpHalfwayIsNotSentToItsEnd() {
        var givenUp = sendAll("a", "b", "c");
        await().atMost(SOON).until(brokers.lets::hasQueuedThreads);
        givenUp.cancel();
        brokers.lets.release(1_000);
        send("d", 1).awaitItem(SOON);
        assertThat(written()).containsExactly("a", "d");
    }

    @Test
    void afterARecordThatFailedNoneIsBegun() {
        var outcomes = sendAll("a", "away", "b");
        brokers.lets.release(1_000);
        assertThat(outcomes.awaitItem(SOON).getItem())
                .satisfiesExactly(
                        a -> assertThat(a).isInstanceOf(Outcome.Written.class),
                        away -> assertThat(away).isInstanceOf(Outcome.Failed.class),
                        b -> assertThat(b).isInstanceOf(Outcome.Failed.class));
        assertThat(written()).containsExactly("a");
    }

    @Test
    void afterARecordThatIsTooLargeTheOthersGoOn() {
        var outcomes = sendAll("a", "too large", "b");
        brokers.lets.release(1_000);
        assertThat(outcomes.awaitItem(SOON).getItem())
                .satisfiesExactly(
                        a -> assertThat(a).isInstanceOf(Outcome.Written.class),
                        large -> assertThat(large).isInstanceOf(Outcome.TooLarge.class),
                        b -> assertThat(b).isInstanceOf(Outcome.Written.class));
        assertThat(written()).containsExactly("a", "b");
    }

    private UniAssertSubscriber<List<Outcome>> send(String key, int bytes) {
        return queue.send(List.of(new ProducerRecord<>("t", key, new byte[bytes])))
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());
    }

    private UniAssertSubscriber<List<Outcome>> sendAll(String... keys) {
        return queue.send(
                        Arrays.stream(keys)
                                .map(key -> new ProducerRecord<>("t", key, new byte[1]))
                                .toList())
                .subscribe()
                .withSubscriber(UniAssertSubscriber.create());
    }

    private List<String> written() {
        return brokers.history().stream().map(ProducerRecord::key).toList();
    }
}
