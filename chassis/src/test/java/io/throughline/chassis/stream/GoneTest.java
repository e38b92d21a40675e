package io.throughline.chassis.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Transaction;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class GoneTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject Gone gone;
    @Inject Transactions transactions;
    @Inject TestForgetting forgetting;
    @Inject Pool pool;

    private final UUID id = UUID.randomUUID();
    private final Gone.Cause cause =
            new Gone.Cause(UUID.randomUUID(), id, Instant.parse("2026-11-26T12:00:00Z"));

    @Test
    void whatAnOpenTransactionStillWritesIsClearedAwayBeforeItIsSaidToBeForgotten() {
        SqlConnection late = get(pool.getConnection());
        Transaction open = get(late.begin());
        run(
                late,
                "INSERT INTO inbox (consumer, event_id) VALUES ('gone-test', $1)",
                Tuple.of(UUID.randomUUID()));
        Set<UUID> seen = get(gone.among(late, List.of(id)));
        assertThat(seen).isEmpty();

        get(transactions.inTransaction(tx -> gone.add(tx, cause, List.of(id))));
        for (int i = 0; i < 3; i++) {
            get(gone.clearWhatCanBe());
        }
        assertThat(forgetting.forgotten()).doesNotContain(cause);

        run(late, "INSERT INTO applied (event_id, cause) VALUES ($1, 'late')", Tuple.of(id));
        get(open.commit());
        get(late.close());
        await().atMost(SOON).until(() -> forgetting.forgotten().contains(cause));
        assertThat(rows("SELECT event_id FROM applied WHERE event_id = $1")).isZero();
    }

    @Test
    void whoeverLooksAfterwardsSeesIt() {
        UUID other = UUID.randomUUID();
        get(transactions.inTransaction(tx -> gone.add(tx, cause, List.of(id))));
        Set<UUID> seen = get(transactions.inTransaction(tx -> gone.among(tx, List.of(id, other))));
        assertThat(seen).containsExactly(id);
    }

    @Test
    void theSameTwiceIsOnce() {
        for (int i = 0; i < 2; i++) {
            get(transactions.inTransaction(tx -> gone.add(tx, cause, List.of(id))));
            await().atMost(SOON).until(() -> forgetting.forgotten().contains(cause));
        }
        get(gone.clearWhatCanBe());
        assertThat(forgetting.forgotten()).containsOnlyOnce(cause);
    }

    @Test
    void whatTellsOfNobodyElseIsDroppedAndWhatTellsOfOthersTooLeavesNothingOfThem() {
        CustomerId erased = new CustomerId(id);
        CustomerId alias = newCustomer();
        CustomerId other = newCustomer();
        Envelope<?> before = envelope(merge(erased, alias));
        Envelope<?> last =
                envelope(new CustomerErased(erased, List.of(alias), cause.cause(), cause.since()));
        Envelope<?> after = envelope(merge(erased, alias));
        Envelope<?> ofAnother = envelope(merge(other, newCustomer()));
        Envelope<?> ofBoth = envelope(merge(other, alias));
        List<Envelope<?>> applied = new CopyOnWriteArrayList<>();

        get(
                transactions.inTransaction(tx ->
                        gone.guard(
                                tx,
                                List.of(before, last, after, ofAnother, ofBoth),
                                (same, events) -> {
                                    applied.addAll(events);
                                    return Uni.createFrom().voidItem();
                                })));

        assertThat(applied).containsExactly(before, ofAnother, ofBoth);
        assertThat(forgetting.dropped()).contains(after).doesNotContain(before, ofAnother, ofBoth);
        assertThat(forgetting.asked()).containsSubsequence(alias.value(), id, alias.value());
    }

    private static CustomerId newCustomer() {
        return new CustomerId(UUID.randomUUID());
    }

    private static CustomersMerged merge(CustomerId survivor, CustomerId merged) {
        return new CustomersMerged(survivor, merged, "m-1", Instant.EPOCH);
    }

    private static Envelope<?> envelope(ContractEvent event) {
        return new Envelope<>(UUID.randomUUID(), "/throughline/test", Instant.EPOCH, event);
    }

    private int rows(String query) {
        return get(pool.preparedQuery(query).execute(Tuple.of(id))).rowCount();
    }

    private static void run(SqlConnection connection, String query, Tuple parameters) {
        assertThat(get(connection.preparedQuery(query).execute(parameters)).rowCount()).isOne();
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(SOON);
    }
}
