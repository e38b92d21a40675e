package io.throughline.channel.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.store.SendLedger;
import io.throughline.channel.store.Withdrawals;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.message.WithdrawalRequested;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A message is asked for as the customer who was merged, and withdrawn as the one she is by now.
 */
@QuarkusTest
@QuarkusTestResource(OwnPort.class)
@DisplayName("A withdrawal that comes before its message is asked for")
class EarlyWithdrawalTest {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static int numbers = 10;

    @Inject SendLedger ledger;
    @Inject Withdrawals withdrawals;
    @Inject Pool pool;

    private static @Nullable Bus bus;

    private final CustomerId merged = new CustomerId(UUID.randomUUID());
    private final CustomerId survivor = new CustomerId(UUID.randomUUID());
    private final String phone = "+346000300" + numbers++;
    private final MessageId message = new MessageId(UUID.randomUUID());

    @BeforeAll
    static void listen() {
        bus = new Bus(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void stopListening() throws InterruptedException {
        bus().close();
    }

    @BeforeEach
    void identityAnswers() {
        StubIdentity.AWAY.set(false);
    }

    @Test
    @DisplayName("holds, is told as any other, and only once however often both come")
    void requestAfterWithdrawal() {
        bus().say(withdrawal());
        await().atMost(SOON).until(() -> texts(REMEMBERED).size() == 1);
        bus().say(withdrawal());
        bus().say(request());
        await().atMost(SOON).until(() -> !suppressions().isEmpty());
        bus().say(request());
        bus().say(withdrawal());
        appliedSoFar(merged);
        appliedSoFar(survivor);

        assertThat(suppressions())
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.reason()).isEqualTo(SuppressionReason.WITHDRAWN);
                    assertThat(told.customer()).isEqualTo(merged);
                    assertThat(told.channel()).isEqualTo(Channel.SMS);
                });
        assertThat(texts(HISTORY)).containsExactly("queued ", "suppressed displaced");
        assertThat(FakeSmsRoute.textsTo(phone)).isEmpty();
    }

    @Test
    @DisplayName("is forgotten with the customer")
    void erased() {
        bus().say(withdrawal());
        await().atMost(SOON).until(() -> texts(REMEMBERED).size() == 1);
        bus().say(new CustomerErased(survivor, List.of(merged), UUID.randomUUID(), Instant.now()));
        await().atMost(SOON).until(() -> texts(REMEMBERED).isEmpty());
    }

    @Test
    @DisplayName("waits for a transaction that is about to have queued the message")
    void whileItIsBeingQueued() {
        Work queueing = new Work();
        queueing.queue();
        queueing.take(List.of(), List.of(request())).join();
        Work withdrawing = new Work();
        CompletableFuture<?> withdrawn = withdrawing.take(List.of(withdrawal()), List.of());
        somebodyWaits();
        queueing.commit();
        withdrawn.join();
        withdrawing.commit();

        assertThat(texts(HISTORY)).containsExactly("queued ", "suppressed displaced");
        assertThat(texts(REMEMBERED)).isEmpty();
    }

    @Test
    @DisplayName("is waited for by a transaction that has queued the message")
    void whileItIsBeingWithdrawn() {
        Work withdrawing = new Work();
        withdrawing.take(List.of(withdrawal()), List.of()).join();
        Work queueing = new Work();
        queueing.queue();
        CompletableFuture<?> queued = queueing.take(List.of(), List.of(request()));
        somebodyWaits();
        withdrawing.commit();
        queued.join();
        queueing.commit();

        assertThat(texts(HISTORY)).containsExactly("queued ", "suppressed displaced");
    }

    @Test
    @DisplayName("does not make two batches that do both wait in a circle")
    void eachOthersMessages() {
        MessageRequested other = requested(new MessageId(UUID.randomUUID()));
        Work one = new Work();
        one.queue();
        Work two = new Work();
        two.queue(other);
        CompletableFuture<?> first = one.take(List.of(withdrawal(other)), List.of(request()));
        first.join();
        CompletableFuture<?> second = two.take(List.of(withdrawal()), List.of(other));
        somebodyWaits();
        one.commit();
        second.join();
        two.commit();

        assertThat(texts(HISTORY)).containsExactly("queued ", "suppressed displaced");
        assertThat(texts(HISTORY, other.message()))
                .containsExactly("queued ", "suppressed displaced");
    }

    private static final String REMEMBERED =
            "SELECT reason FROM withdrawn_messages WHERE message = $1";

    private static final String HISTORY =
            "SELECT state || ' ' || coalesce(detail->>'why', '') FROM message_history"
                    + " WHERE message = $1 ORDER BY id";

    /** A transaction in the hands of a test. */
    private final class Work {

        private final SqlConnection tx = pool.getConnection().await().atMost(SOON);
        private final Transaction transaction = tx.begin().await().atMost(SOON);

        void queue() {
            queue(request());
        }

        /** Not due yet, so that nobody claims it. */
        void queue(MessageRequested requested) {
            ledger.queue(tx, List.of(requested), Instant.now().plus(Duration.ofMinutes(30)))
                    .await()
                    .atMost(SOON);
        }

        CompletableFuture<?> take(
                List<WithdrawalRequested> withdrawn, List<MessageRequested> queued) {
            Uni<Void> taken = withdrawals.take(tx, withdrawn, queued, Instant.now());
            return taken.subscribeAsCompletionStage();
        }

        void commit() {
            transaction.commit().await().atMost(SOON);
            tx.close().await().atMost(SOON);
        }
    }

    private void somebodyWaits() {
        await().atMost(SOON)
                .until(() ->
                        !texts(
                                        """
                                        SELECT l.mode FROM pg_locks l
                                         WHERE l.locktype = 'advisory' AND NOT l.granted AND $1::uuid IS NOT NULL
                                        """)
                                .isEmpty());
    }

    /** What was said before under the same key has been applied. */
    private void appliedSoFar(CustomerId customer) {
        MessageRequested late =
                of(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Instant.now().minus(Duration.ofSeconds(1)));
        bus().say(late);
        await().atMost(SOON)
                .until(() ->
                        bus().heardOf(late.message()).stream()
                                .anyMatch(MessageEvent.Suppressed.class::isInstance));
    }

    private MessageRequested request() {
        return requested(message);
    }

    private MessageRequested requested(MessageId id) {
        return of(merged, id, Instant.now().plus(Duration.ofHours(1)));
    }

    private MessageRequested of(CustomerId customer, MessageId id, Instant deadline) {
        return new MessageRequested(
                id,
                customer,
                Channel.SMS,
                phone,
                "early",
                Category.MARKETING,
                null,
                50,
                null,
                Map.of(),
                null,
                null,
                List.of(),
                Instant.now(),
                deadline);
    }

    private WithdrawalRequested withdrawal() {
        return withdrawal(request());
    }

    private WithdrawalRequested withdrawal(MessageRequested requested) {
        return new WithdrawalRequested(requested.message(), survivor, "displaced", Instant.now());
    }

    private List<MessageEvent.Suppressed> suppressions() {
        return bus().heardOf(message).stream()
                .filter(MessageEvent.Suppressed.class::isInstance)
                .map(MessageEvent.Suppressed.class::cast)
                .toList();
    }

    private List<String> texts(String query) {
        return texts(query, message);
    }

    private List<String> texts(String query, MessageId of) {
        List<String> texts = new ArrayList<>();
        for (Row row :
                pool.preparedQuery(query).execute(Tuple.of(of.value())).await().atMost(SOON)) {
            texts.add(row.getString(0));
        }
        return texts;
    }

    private static Bus bus() {
        return Objects.requireNonNull(bus);
    }
}
