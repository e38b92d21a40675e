package io.throughline.identity.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.store.CustomerReader;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Somebody who buys all the time, as a till under one customer's number does. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class ManySilencesTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int MOST = 1_000;
    private static final Provenance TEST = Provenance.of("test", null, "test");
    private static final String SILENT =
            """
            INSERT INTO silences (customer_id, cause, journey, at, until, lifted)
            SELECT $1, $2::text || i, $3, now(), $4::timestamptz + i * interval '1 second', $5
              FROM generate_series(1, $6) AS i
            """;

    private final Instant soon =
            Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofDays(1));

    @Inject ConsentBook book;
    @Inject CustomerReader customers;
    @Inject Transactions transactions;
    @Inject ContactGate gate;
    @Inject Pool pool;

    @Test
    void theLongestOfEveryScopeComeToTheGateAndNoneThatIsOver() {
        CustomerId customer =
                done(
                        book.aboutOwner(
                                Identifier.of("user_id:u-" + UUID.randomUUID()),
                                TEST,
                                (tx, owner) -> Uni.createFrom().item(owner)));
        silent(customer, "over", "", soon.minus(Duration.ofDays(3)), false, 100);
        silent(customer, "order", "", soon, false, 3 * MOST);
        silent(customer, "taken back", "", soon.plus(Duration.ofDays(9)), true, 2 * MOST);
        silent(customer, "cart", "cart", soon.minus(Duration.ofHours(20)), false, 1);

        List<CustomerHistory> histories =
                done(
                        transactions.inTransaction(
                                tx -> customers.permissions(tx, List.of(customer))));

        List<SilenceWrite> told = ((CustomerHistory.Permissions) histories.getFirst()).silences();
        assertThat(told).hasSize(MOST);
        assertThat(told)
                .anyMatch(s -> s.cause().equals("order" + 3 * MOST))
                .anyMatch(s -> s.cause().equals("cart1"))
                .noneMatch(s -> s.cause().startsWith("over"));
        List<CustomerHistory> all = new ArrayList<>(histories);
        all.add(new CustomerHistory.Contacts(customer, List.of()));
        done(gate.hydrate(all));
        assertThat(reasonFor(customer)).isEqualTo(SuppressionReason.SILENCED);
    }

    private void silent(
            CustomerId customer,
            String cause,
            String journey,
            Instant until,
            boolean lifted,
            int count) {
        done(
                pool.preparedQuery(SILENT)
                        .execute(
                                Tuple.of(
                                        customer.value(),
                                        cause,
                                        journey,
                                        until.atOffset(ZoneOffset.UTC),
                                        lifted,
                                        count)));
    }

    private @Nullable SuppressionReason reasonFor(CustomerId customer) {
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.EMAIL,
                        Category.SERVICE,
                        null,
                        "welcome",
                        "till@example.com");
        return switch (done(gate.peek(List.of(request), ContactPolicy.initial())).getFirst()) {
            case GateAnswer.Allowed allowed -> null;
            case GateAnswer.Denied denied -> denied.reason();
        };
    }

    private static <T extends @Nullable Object> T done(Uni<T> work) {
        return work.await().atMost(SOON);
    }
}
