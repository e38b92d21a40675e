package io.throughline.journey.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.service.StubNeighbours;
import io.throughline.journey.store.TimerStore.Kind;
import io.throughline.journey.store.TimerStore.Timer;
import io.throughline.journey.store.TimerStore.TimerRef;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Timers here are due in the far future, and are claimed as if it were then: the running loop
 * leaves them.
 */
@QuarkusTest
@QuarkusTestResource(StubNeighbours.class)
class TimerStoreTest {

    private static final Instant DUE = Instant.parse("2999-01-01T00:00:00Z");
    private static final Random RANDOM = new Random();

    @Inject TimerStore timers;
    @Inject CustomerStore customers;
    @Inject Pool pool;

    @Test
    void aDueTimerIsClaimedByOneTransactionOnly() {
        CustomerId ana = customer();
        Timer timer = started(ana, DUE);
        inTransaction(first ->
                timers.claim(first, DUE, 100)
                        .invoke(claimed -> assertThat(claimed).contains(timer))
                        .chain(() -> claim(ana))
                        .invoke(others -> assertThat(others).isEmpty())
                        .chain(() -> timers.remove(first, refs(timer))));
        assertThat(claimable(ana)).isEmpty();
    }

    @Test
    void aTimerOfABusyCustomerIsPassedOver() {
        CustomerId ana = customer();
        Timer timer = started(ana, DUE);
        inTransaction(tx ->
                customers
                        .lock(tx, new TreeSet<>(Set.of(ana)))
                        .chain(() -> claim(ana))
                        .invoke(others -> assertThat(others).isEmpty()));
        assertThat(claimable(ana)).containsExactly(timer);
    }

    @Test
    void aTimerIsDueNeitherBeforeItsTimeNorWhileItIsHeld() {
        CustomerId ana = customer();
        Timer later = started(ana, DUE.plusSeconds(1));
        Timer held = started(ana, DUE);
        inTransaction(tx -> timers.hold(tx, refs(held)));
        assertThat(claimable(ana)).isEmpty();
        inTransaction(tx -> timers.remove(tx, refs(later)));
    }

    @Test
    void startedAgainUnderItsKeyATimerHasTheNewTime() {
        CustomerId ana = customer();
        Timer timer = started(ana, DUE.plusSeconds(60));
        Timer sooner =
                new Timer(
                        timer.instance(),
                        timer.key(),
                        ana,
                        "journey",
                        Kind.TIMER,
                        DUE,
                        false,
                        null);
        inTransaction(tx -> timers.start(tx, List.of(sooner)));
        assertThat(claimable(ana)).containsExactly(sooner);
    }

    @Test
    void aCustomerIsLockedUnderTheSurvivorsIdHoweverManyMergesThereWere() {
        CustomerId first = customer();
        CustomerId second = customer();
        CustomerId third = customer();
        inTransaction(tx ->
                customers
                        .lock(tx, new TreeSet<>(Set.of(first, second, third)))
                        .chain(() -> customers.merge(tx, second, third))
                        .chain(() -> customers.merge(tx, first, second)));
        Map<CustomerId, CustomerId> survivors =
                inTransaction(tx -> customers.survivors(tx, List.of(first, second, third)));
        assertThat(survivors).isEqualTo(Map.of(second, first, third, first));
        CustomerStore.Locked locked =
                inTransaction(tx -> customers.lock(tx, new TreeSet<>(Set.of(first, third))));
        assertThat(locked.known()).extracting(KnownCustomer::id).containsExactly(first);
        assertThat(locked.merged()).containsEntry(third, first);
    }

    private List<Timer> claimable(CustomerId customer) {
        return claim(customer).await().atMost(Duration.ofSeconds(10));
    }

    /** In a transaction of its own. */
    private Uni<List<Timer>> claim(CustomerId customer) {
        return pool.withTransaction(tx -> timers.claim(tx, DUE, 1000))
                .map(claimed ->
                        claimed.stream()
                                .filter(timer -> timer.customer().equals(customer))
                                .toList());
    }

    private Timer started(CustomerId customer, Instant due) {
        Timer timer =
                new Timer(
                        UUID.randomUUID(),
                        "step",
                        customer,
                        "journey",
                        Kind.TIMER,
                        due,
                        false,
                        null);
        inTransaction(tx ->
                customers
                        .lock(tx, new TreeSet<>(Set.of(customer)))
                        .chain(() -> timers.start(tx, List.of(timer))));
        return timer;
    }

    private <T> T inTransaction(Function<SqlConnection, Uni<T>> work) {
        return pool.withTransaction(work).await().atMost(Duration.ofSeconds(10));
    }

    private static List<TimerRef> refs(Timer timer) {
        return List.of(new TimerRef(timer.instance(), timer.key()));
    }

    private static CustomerId customer() {
        return new CustomerId(Ids.timeOrdered(Instant.now(), RANDOM));
    }
}
