package io.throughline.channel.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.People;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ContactGate;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.CustomerHistory.Contact;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.rules.Rules;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@QuarkusTest
@DisplayName("Somebody who is sent a code every few seconds")
class ManyContactsTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String SENT =
            """
            INSERT INTO messages (id, customer, channel, address, template, category, priority, variables,
                                  fallbacks, requested_at, deadline, state, not_before, counted_at)
            SELECT gen_random_uuid(), $1, 'email', 'many@example.com', 't', $2, 0, '{}',
                   '[]', now(), now(), 'sent', now(), $3::timestamptz - i * interval '1 second'
              FROM generate_series(1, $4) AS i
            """;

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final CustomerId customer = new CustomerId(Ids.timeOrdered(now, new Random()));

    @Inject SendLedger ledger;
    @Inject ContactGate gate;
    @Inject Pool pool;

    @AfterEach
    void forget() {
        done(
                pool.preparedQuery("DELETE FROM messages WHERE customer = $1")
                        .execute(Tuple.of(customer.value())));
    }

    @Test
    @DisplayName("comes to the gate with her newest codes, and with all that limits other messages")
    void bounded() {
        int most = SendLedger.MOST_CONTACTS_OF_A_CATEGORY;
        Instant before = now.minus(Duration.ofHours(4));
        sent(Category.TRANSACTIONAL, now, most + 500);
        sent(Category.MARKETING, before, 2);
        sent(Category.SERVICE, before, 1);
        Instant since = Rules.toldSince(ContactPolicy.initial(), now);

        List<CustomerHistory> histories =
                done(ledger.contacts(People.of(Set.of(customer)), since, Set.of()));

        assertThat(histories)
                .singleElement()
                .isInstanceOfSatisfying(
                        CustomerHistory.Contacts.class,
                        told -> {
                            assertThat(told.contacts()).hasSize(most + 3);
                            assertThat(told.contacts())
                                    .filteredOn(c -> c.category() == Category.TRANSACTIONAL)
                                    .extracting(Contact::at)
                                    .allMatch(at -> !at.isBefore(now.minusSeconds(most)));
                        });
        done(
                gate.hydrate(
                        List.of(
                                new CustomerHistory.Permissions(
                                        customer, List.of(), List.of(), null, List.of()))));
        done(gate.hydrate(histories));
        assertThat(peek(Category.TRANSACTIONAL)).isInstanceOf(GateAnswer.Allowed.class);
        assertThat(peek(Category.SERVICE))
                .as("three that count were told")
                .isInstanceOfSatisfying(
                        GateAnswer.Denied.class,
                        denied -> assertThat(denied.reason().name()).as("a cap").endsWith("_CAP"));
    }

    private void sent(Category category, Instant newest, int count) {
        done(
                pool.preparedQuery(SENT)
                        .execute(
                                Tuple.of(
                                        customer.value(),
                                        category.word(),
                                        Columns.time(newest),
                                        count)));
    }

    private GateAnswer peek(Category category) {
        GateRequest request =
                new GateRequest(
                        customer,
                        new MessageId(UUID.randomUUID()),
                        Channel.EMAIL,
                        category,
                        null,
                        "codes",
                        "many@example.com");
        return done(gate.peek(List.of(request), ContactPolicy.initial())).getFirst();
    }

    private static <T extends @Nullable Object> T done(Uni<T> work) {
        return work.await().atMost(SOON);
    }
}
