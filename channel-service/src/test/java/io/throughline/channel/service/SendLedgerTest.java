package io.throughline.channel.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.channel.delivery.Claim;
import io.throughline.channel.delivery.Outcome;
import io.throughline.channel.store.SendLedger;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.MessageRequested;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is claimed here is due an hour from now, so the service itself leaves it alone. */
@QuarkusTest
@QuarkusTestResource(OwnPort.class)
@DisplayName("The send ledger")
class SendLedgerTest {

    private static final Duration SOON = Duration.ofSeconds(15);

    @Inject SendLedger ledger;
    @Inject Transactions transactions;
    @Inject Pool pool;

    private final Instant due = Instant.now().plus(Duration.ofHours(1));
    private final MessageId message = new MessageId(UUID.randomUUID());

    @Test
    @DisplayName("takes no outcome of a claim for that of the next one by the same process")
    void outcomeOfAnotherClaim() {
        queue();
        Claim first = claim(due);
        // As the sweep leaves what it requeues.
        execute("UPDATE messages SET state = 'queued', claimed_by = NULL WHERE id = $1");
        Claim second = claim(due.plusSeconds(10));

        record(new Outcome.Failed(first, "fake", "0x0B", "no", Outcome.Ruling.NONE, due));

        assertThat(texts("SELECT state FROM messages WHERE id = $1"))
                .containsExactly("handing_over");
        record(sent(second, "second"));
        assertThat(texts("SELECT state FROM messages WHERE id = $1")).containsExactly("sent");
        assertThat(texts("SELECT provider_id FROM provider_ids WHERE message = $1"))
                .containsExactly("second-" + message);
    }

    @Test
    @DisplayName("believes that a message was sent, whoever claimed it since")
    void sentByAnEarlierClaim() {
        queue();
        Claim first = claim(due);
        execute("UPDATE messages SET state = 'queued', claimed_by = NULL WHERE id = $1");
        claim(due.plusSeconds(10));

        record(sent(first, "first"));

        assertThat(texts("SELECT state FROM messages WHERE id = $1")).containsExactly("sent");
        assertThat(texts("SELECT provider_id FROM provider_ids WHERE message = $1"))
                .containsExactly("first-" + message);
    }

    private void queue() {
        MessageRequested requested =
                new MessageRequested(
                        message,
                        new CustomerId(UUID.randomUUID()),
                        Channel.WHATSAPP,
                        "+34600020001",
                        "cart",
                        Category.TRANSACTIONAL,
                        null,
                        50,
                        null,
                        Map.of(),
                        null,
                        null,
                        List.of(),
                        due,
                        due.plus(Duration.ofHours(1)));
        transactions
                .inTransaction(tx -> ledger.queue(tx, List.of(requested), due))
                .await()
                .atMost(SOON);
    }

    private Claim claim(Instant at) {
        return ledger
                .claim(Channel.WHATSAPP, 10, at, at.plusSeconds(5))
                .await()
                .atMost(SOON)
                .stream()
                .filter(claim -> claim.message().equals(message))
                .findFirst()
                .orElseThrow();
    }

    private Outcome sent(Claim claim, String id) {
        return new Outcome.Sent(
                claim, "fake", List.of(id + "-" + message), Outcome.Ruling.NONE, due, due);
    }

    private void record(Outcome outcome) {
        ledger.record(List.of(outcome)).await().atMost(SOON);
    }

    private void execute(String statement) {
        pool.preparedQuery(statement).execute(Tuple.of(message.value())).await().atMost(SOON);
    }

    private List<String> texts(String query) {
        List<String> texts = new ArrayList<>();
        for (Row row :
                pool.preparedQuery(query).execute(Tuple.of(message.value())).await().atMost(SOON)) {
            texts.add(row.getString(0));
        }
        return texts;
    }
}
